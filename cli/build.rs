//! Links the commands with an rpath, so that each loads the libpython that the runtime was built against.

fn main() {
    // Set by the runtime's build script; empty where Python is linked statically.
    let folder = std::env::var("DEP_PYFLINK_RUNTIME_LIB_DIR").unwrap_or_default();
    if !folder.is_empty() {
        println!("cargo:rustc-link-arg-bins=-Wl,-rpath,{folder}");
    }
}
