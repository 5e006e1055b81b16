//! The Python package that is embedded in the binary, and the sources of a plan, as importable modules.

use pyflink_plan::Sources;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule};
use std::ffi::CString;
use std::path::Path;

struct Module {
    name: &'static str,
    /// Stands for a path in tracebacks.
    label: &'static str,
    is_package: bool,
    text: &'static str,
}

const PACKAGE: &[Module] = include!(concat!(env!("OUT_DIR"), "/package.rs"));

/// Makes the embedded package importable: a user's file of the same name does not shadow it.
pub fn install(py: Python<'_>) -> PyResult<()> {
    let table = PyDict::new(py);
    for module in PACKAGE {
        table.set_item(module.name, (module.label, module.is_package, module.text))?;
    }
    // The importer can't be imported before it is there, so it is run by hand once.
    let name = "_pyflink.importer";
    let source = PACKAGE.iter().find(|module| module.name == name);
    let source = source.ok_or_else(|| pyo3::exceptions::PyImportError::new_err(name))?;
    let code = CString::new(source.text)?;
    let importer = PyModule::from_code(py, &code, &CString::new(source.label)?, &CString::new(name)?)?;
    py.import("sys")?
        .getattr("modules")?
        .del_item(name)
        .or_else(|error| if error.is_instance_of::<pyo3::exceptions::PyKeyError>(py) { Ok(()) } else { Err(error) })?;
    importer.call_method1("install", (table,))?;
    Ok(())
}

/// Makes the modules of a script importable, ahead of what is on the disk.
pub fn install_sources(py: Python<'_>, sources: &Sources) -> PyResult<()> {
    let table = PyDict::new(py);
    for file in &sources.files {
        let path = std::path::absolute(&file.path).unwrap_or_else(|_| Path::new(&file.path).to_path_buf());
        table.set_item(&file.module, (path.as_os_str(), file.is_package, &file.text))?;
    }
    py.import("_pyflink.importer")?.call_method1("install", (table,))?;
    Ok(())
}
