//! Which Python: the linked libpython runs; site-packages are those of the interpreter that the user means.
//!
//! That is `--python`, else an active virtual environment (`VIRTUAL_ENV`), else `python3` on the `PATH`. The standard
//! library is always that of the linked Python, since C code and it belong together.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::env;
use std::ffi::{CStr, CString, OsStr};
use std::fs;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Full version of the linked Python, as it was when this was built.
const LINKED_VERSION: &str = env!("PYFLINK_PYTHON_VERSION");
/// Where its standard library lies.
const LINKED_PREFIX: &str = env!("PYFLINK_PYTHON_PREFIX");

/// The interpreter that the user means.
#[derive(Debug)]
struct Chosen {
    executable: PathBuf,
    prefix: PathBuf,
    /// Folders of third-party packages; `None` if they are the linked Python's own.
    site_packages: Option<Vec<PathBuf>>,
    /// How it was chosen.
    by: String,
}

/// Starts Python. The error says what does not fit, and what to do.
pub fn start(python: Option<&Path>) -> Result<(), String> {
    let chosen = choose(python)?;
    initialize(&chosen)?;
    Python::attach(|py| set_up(py, &chosen)).map_err(|error| format!("can't set up Python: {error}"))
}

/// For `--version`: what is linked, and what is used.
pub fn describe(python: Option<&Path>) -> String {
    let linked = format!("Python {LINKED_VERSION} (linked, {LINKED_PREFIX})");
    match choose(python) {
        Err(why) => format!("{linked}\n{why}"),
        Ok(chosen) => {
            let packages = match &chosen.site_packages {
                None => format!("{LINKED_PREFIX}/lib/python{}/site-packages", minor(LINKED_VERSION)),
                Some(folders) => {
                    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
                }
            };
            format!("{linked}\ninterpreter: {} ({})\nsite-packages: {packages}", chosen.executable.display(), chosen.by)
        }
    }
}

/// `3.11` of `3.11.7`.
fn minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

fn choose(python: Option<&Path>) -> Result<Chosen, String> {
    if let Some(path) = python {
        let path = find(path).ok_or_else(|| format!("--python {}: there is no such program", path.display()))?;
        let by = "--python".to_owned();
        return match environment_of(&path) {
            Some(environment) => virtual_environment(&environment, by),
            None => {
                let chosen = ask(&path, by)?;
                let why = |version: String| refusal(&format!("--python {}", path.display()), &version);
                chosen.map_err(why)
            }
        };
    }
    if let Some(environment) = env::var_os("VIRTUAL_ENV").filter(|path| !path.is_empty()) {
        return virtual_environment(Path::new(&environment), "VIRTUAL_ENV".to_owned());
    }
    let Some(path) = find(Path::new("python3")) else { return Ok(linked("no python3 on the PATH".to_owned())) };
    if let Some(environment) = environment_of(&path) {
        return virtual_environment(&environment, "python3 on the PATH".to_owned());
    }
    if is_linked(&path) {
        return Ok(linked("python3 on the PATH".to_owned()));
    }
    Ok(match ask(&path, "python3 on the PATH".to_owned()) {
        Ok(Ok(chosen)) => chosen,
        Ok(Err(version)) => linked(format!("python3 on the PATH is {version}, which is another version")),
        Err(why) => linked(why),
    })
}

fn refusal(what: &str, version: &str) -> String {
    let linked = minor(LINKED_VERSION);
    format!(
        "{what} is Python {version}, but this pyflink-run is linked with Python {linked}, and their packages don't fit \
         each other: use an environment of Python {linked}, or build pyflink with PYO3_PYTHON=python{}",
        minor(version)
    )
}

fn linked(by: String) -> Chosen {
    let prefix = PathBuf::from(LINKED_PREFIX);
    let executable = prefix.join("bin").join(format!("python{}", minor(LINKED_VERSION)));
    Chosen { executable, prefix, site_packages: None, by }
}

/// The program of a name or path.
fn find(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_path_buf());
    }
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// True if a program is the linked Python's own, told without running it.
fn is_linked(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    let Ok(prefix) = Path::new(LINKED_PREFIX).canonicalize() else { return false };
    path == prefix.join("bin").join(format!("python{}", minor(LINKED_VERSION)))
}

/// The virtual environment that an interpreter belongs to.
fn environment_of(python: &Path) -> Option<PathBuf> {
    let environment = python.parent()?.parent()?;
    environment.join("pyvenv.cfg").is_file().then(|| environment.to_path_buf())
}

fn virtual_environment(environment: &Path, by: String) -> Result<Chosen, String> {
    let name = environment.display();
    let text = fs::read_to_string(environment.join("pyvenv.cfg"))
        .map_err(|error| format!("{by}: {name} is not a virtual environment (no pyvenv.cfg in it: {error})"))?;
    let value = |wanted: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .find(|(key, _)| key.trim() == wanted)
            .map(|(_, value)| value.trim().to_owned())
    };
    // `venv` writes the one, `virtualenv` the other.
    let version = value("version").or_else(|| value("version_info")).unwrap_or_default();
    let linked = minor(LINKED_VERSION);
    let packages = environment.join("lib").join(format!("python{linked}")).join("site-packages");
    if minor(&version) != linked {
        let version = if version.is_empty() { "of an unknown version".to_owned() } else { version };
        return Err(refusal(&format!("the virtual environment {name}"), &version));
    }
    let mut folders = vec![packages];
    if value("include-system-site-packages").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        folders.push(Path::new(LINKED_PREFIX).join("lib").join(format!("python{linked}")).join("site-packages"));
    }
    let prefix = environment.to_path_buf();
    Ok(Chosen { executable: environment.join("bin/python"), prefix, site_packages: Some(folders), by })
}

/// Asks an interpreter about itself: needed for scripts that stand for one, as pyenv's, and for those of
/// distributions, which have folders of their own. The inner error is its version, where it does not fit.
fn ask(path: &Path, by: String) -> Result<Result<Chosen, String>, String> {
    let script = "import site, sys\n\
                  user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []\n\
                  print(sys.version.split()[0], sys.executable, sys.prefix, *site.getsitepackages(), *user, sep='\\n')";
    let output = Command::new(path).args(["-c", script]).output();
    let output = output.map_err(|error| format!("can't run {}: {error}", path.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let [version, executable, prefix, folders @ ..] = lines.as_slice() else {
        return Err(format!("{} is not a Python interpreter", path.display()));
    };
    if minor(version) != minor(LINKED_VERSION) {
        return Ok(Err((*version).to_owned()));
    }
    if is_linked(Path::new(executable)) {
        return Ok(Ok(linked(by)));
    }
    let site_packages = Some(folders.iter().map(PathBuf::from).collect());
    Ok(Ok(Chosen { executable: PathBuf::from(executable), prefix: PathBuf::from(prefix), site_packages, by }))
}

/// Starts the linked libpython, and lets go of it.
fn initialize(chosen: &Chosen) -> Result<(), String> {
    let executable = c_string(chosen.executable.as_os_str())?;
    let home = c_string(OsStr::new(LINKED_PREFIX))?;
    // SAFETY: this is the first thing that is done with libpython in the process, on one thread; the configurations
    // are initialised by their own functions before anything else reads them, and the strings outlive the calls, which
    // copy them. PyEval_SaveThread releases what Py_InitializeFromConfig has taken.
    unsafe {
        let mut preconfig = MaybeUninit::<ffi::PyPreConfig>::uninit();
        ffi::PyPreConfig_InitPythonConfig(preconfig.as_mut_ptr());
        let mut preconfig = preconfig.assume_init();
        preconfig.utf8_mode = 1;
        check(ffi::Py_PreInitialize(&preconfig))?;
        let mut config = MaybeUninit::<ffi::PyConfig>::uninit();
        ffi::PyConfig_InitPythonConfig(config.as_mut_ptr());
        let mut config = config.assume_init();
        // Sets iterate the same way in each run.
        config.use_hash_seed = 1;
        config.hash_seed = 0;
        config.parse_argv = 0;
        config.write_bytecode = 0;
        config.pathconfig_warnings = 0;
        config.install_signal_handlers = 1;
        // Site-packages of another interpreter take the place of the linked one's own.
        config.site_import = i32::from(chosen.site_packages.is_none());
        let mut status = ffi::PyConfig_SetBytesString(&mut config, &mut config.home, home.as_ptr());
        for field in [&raw mut config.executable, &raw mut config.program_name] {
            if ffi::PyStatus_Exception(status) == 0 {
                status = ffi::PyConfig_SetBytesString(&mut config, field, executable.as_ptr());
            }
        }
        if ffi::PyStatus_Exception(status) == 0 {
            status = ffi::Py_InitializeFromConfig(&config);
        }
        ffi::PyConfig_Clear(&mut config);
        check(status)?;
        ffi::PyEval_SaveThread();
    }
    Ok(())
}

fn c_string(text: &OsStr) -> Result<CString, String> {
    CString::new(text.as_bytes()).map_err(|_| format!("{text:?} holds a zero character"))
}

fn check(status: ffi::PyStatus) -> Result<(), String> {
    // SAFETY: a status is plain data, and its message is null or a static string.
    unsafe {
        if ffi::PyStatus_Exception(status) == 0 {
            return Ok(());
        }
        let message = if status.err_msg.is_null() { c"no reason given" } else { CStr::from_ptr(status.err_msg) };
        Err(format!(
            "can't start Python {LINKED_VERSION} from {LINKED_PREFIX}: {}; it has to be there as it was when this was built",
            message.to_string_lossy()
        ))
    }
}

/// What `site` does for the interpreter that the user means.
fn set_up(py: Python<'_>, chosen: &Chosen) -> PyResult<()> {
    let sys = py.import("sys")?;
    let Some(folders) = &chosen.site_packages else { return Ok(()) };
    sys.setattr("prefix", &chosen.prefix)?;
    sys.setattr("exec_prefix", &chosen.prefix)?;
    let site = py.import("site")?;
    for function in ["setquit", "setcopyright", "sethelper"] {
        site.call_method0(function)?;
    }
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        site.call_method1("addsitedir", (folder.as_os_str(),))?;
    }
    let flags = PyDict::new(py);
    flags.set_item("ENABLE_USER_SITE", false)?;
    site.getattr("__dict__")?.call_method1("update", (flags,))?;
    let prefixes = PyList::new(py, [chosen.prefix.as_os_str()])?;
    site.setattr("PREFIXES", prefixes)
}
