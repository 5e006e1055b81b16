//! Objects of classes, and windows.

use super::*;

fn point(x: Type) -> Type {
    let fields = vec![("x".to_owned(), x), ("y".to_owned(), Type::Int)];
    Type::Record(Arc::new(RecordType {
        module: "points".to_owned(),
        name: "Point".to_owned(),
        fields,
        is_tuple: false,
        members: Vec::new(),
    }))
}

fn field(object: Expression, name: &str) -> Expression {
    Expression::Field(Box::new(object), name.to_owned())
}

fn with_point(code: Vec<Statement>, arguments: &[Type]) -> String {
    let mut body = body(arguments.len() as u32, code);
    let inner = |name: &str, parameters: u32, value: Expression| Inner {
        name: name.to_owned(),
        parameters,
        locals: parameters,
        code: vec![give(value)],
    };
    let moved = Expression::New(0, vec![add(field(local(0), "x"), local(1)), field(local(0), "y")]);
    body.functions = vec![
        inner("norm", 1, add(field(local(0), "x"), field(local(0), "y"))),
        inner("moved", 2, moved),
        inner("__eq__", 2, compare(CompareOp::Eq, field(local(0), "x"), field(local(1), "x"))),
        inner("__str__", 1, text("point")),
    ];
    let methods = [("norm", 0), ("moved", 1), ("__eq__", 2), ("__str__", 3)];
    body.classes = vec![Class {
        module: "points".to_owned(),
        name: "Point".to_owned(),
        fields: vec!["x".to_owned(), "y".to_owned()],
        methods: methods.iter().map(|(name, index)| ((*name).to_owned(), *index)).collect(),
        properties: Vec::new(),
        others: vec!["__lt__".to_owned(), "__hash__".to_owned()],
        causes: Vec::new(),
        ..Class::default()
    }];
    match infer(&body, arguments, &[]) {
        Ok(function) => function.slots[function.result as usize].to_string(),
        Err(reason) => format!("error: {reason}"),
    }
}

#[test]
fn fields_and_methods() {
    let one = |value: Expression| with_point(vec![give(value)], &[point(Type::Int)]);
    assert_eq!(one(field(local(0), "x")), "int");
    assert_eq!(one(method(local(0), "norm", vec![])), "int");
    assert_eq!(one(field(method(local(0), "moved", vec![float(1.0)]), "x")), "float");
    assert_eq!(one(compare(CompareOp::Eq, local(0), local(0))), "bool");
    assert_eq!(one(call("str", vec![local(0)])), "str");
    assert_eq!(one(call("bool", vec![local(0)])), "bool");
    assert!(one(compare(CompareOp::Lt, local(0), local(0))).contains("`__lt__` of Point isn't compiled"));
    assert!(one(Expression::Set(vec![local(0)])).contains("objects of Point are keys"));
    assert!(one(field(local(0), "z")).contains("no attribute `z`"));
    assert_eq!(
        with_point(
            vec![when(is_none(local(0)), vec![give(int(0))], vec![]), give(field(local(0), "x"))],
            &[point(Type::Int).optional()]
        ),
        "int"
    );
}

#[test]
fn windows() {
    let fields = vec![("start".to_owned(), Type::Int), ("end".to_owned(), Type::Int)];
    let record = RecordType {
        module: "_pyflink.windows".to_owned(),
        name: "TimeWindow".to_owned(),
        fields,
        is_tuple: false,
        members: Vec::new(),
    };
    let time = Type::Record(Arc::new(record));
    let record = RecordType {
        module: "_pyflink.windows".to_owned(),
        name: "GlobalWindow".to_owned(),
        fields: vec![],
        is_tuple: false,
        members: Vec::new(),
    };
    let global = Type::Record(Arc::new(record));
    assert_eq!(of(method(local(0), "getStart", vec![]), &[time.clone()]), "int");
    assert_eq!(of(field(local(0), "end"), &[time.clone()]), "int");
    assert_eq!(of(method(local(0), "maxTimestamp", vec![]), &[time.clone()]), "int");
    assert_eq!(of(method(local(0), "maxTimestamp", vec![]), &[global.clone()]), "int");
    assert_eq!(of(call("str", vec![local(0)]), &[time.clone()]), "str");
    assert_eq!(of(call("str", vec![local(0)]), &[global]), "str");
    assert_eq!(of(compare(CompareOp::Eq, local(0), local(1)), &[time.clone(), time]), "bool");
}
