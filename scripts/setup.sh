# Shared by scripts/run and scripts/test (sourced, bash): Python, the .venv in the checkout, Qt's system libraries.
# The caller sets `root` to the checkout.

venv=$root/.venv
python=$venv/bin/python
stamp=$venv/looktwice-installed

# What Qt's offscreen, xcb and wayland platforms, OpenCV and readable text need on a bare Debian or Ubuntu.
debian_packages=(
    libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libxkbcommon-x11-0 libx11-xcb1
    libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0
    libxcb-shm0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1 libwayland-cursor0 libwayland-egl1 fonts-dejavu-core
)

say() { printf 'looktwice: %s\n' "$*"; }

fail() {
    printf 'looktwice: %s\n' "$*" >&2
    exit 2
}

has_display() { [ "$(uname -s)" != Linux ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; }

# Install Debian packages, or say what to type. $1: why, the rest: packages.
system_packages() {
    local why=$1 log
    shift
    command -v apt-get >/dev/null || fail "$why; install what Debian calls: $*"
    [ "$(id -u)" -eq 0 ] || fail "$why; type this and start again: sudo apt-get install -y $*"
    say "$why; running as root, so apt-get installs: $*"
    log=$(mktemp)
    if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } \
        >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        fail "apt-get could not install them; its words are above."
    fi
    rm -f "$log"
}

# Prints the command of a Python that is new enough. A name may exist and not run (a version manager's), so each is tried.
find_python() {
    local candidate
    for candidate in python3.13 python3.12 python3.11 python3 python3.14; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

make_venv() {
    if [ -e "$venv" ]; then
        if "$python" -c '' 2>/dev/null; then
            # Some tools make environments without pip.
            "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null
            return 0
        fi
        say "the Python environment in .venv does not run any more; making it anew"
        rm -rf "$venv"
    fi
    local base version
    if ! base=$(find_python); then
        if ! command -v python3 >/dev/null; then
            system_packages "Python 3 is missing" python3 python3-venv
        fi
        base=$(find_python) || fail "Looktwice needs Python 3.11 or newer; get it from your system or https://www.python.org."
    fi
    version=$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if ! "$base" -c 'import ensurepip, venv' 2>/dev/null; then
        system_packages "Python $version lacks its venv part" "python$version-venv"
    fi
    say "making a Python $version environment in .venv"
    "$base" -m venv "$venv"
}

# Install the checkout with its needs. $1: extras, "" or "dev". Instant when pyproject.toml is as it was last time.
install_project() {
    local extras=$1 key installed=""
    key="$(cksum <"$root/pyproject.toml") $root"
    [ ! -f "$stamp" ] || installed=$(cat "$stamp")
    if [ "$installed" = "$key dev" ] || { [ "$installed" = "$key " ] && [ -z "$extras" ]; }; then
        return 0
    fi
    # An environment that has the development tools keeps them up to date.
    case $installed in *" dev") extras=dev ;; esac
    say "installing Looktwice and what it needs into .venv"
    if [ "$(uname -s)" = Linux ] && ! "$python" -c 'import torch' 2>/dev/null; then
        say "the first time downloads about 3 GB and fills 6 GB of disk, most of it PyTorch with NVIDIA's libraries;"
        say "without an NVIDIA card far less is enough: see \"Smaller download\" in README.md."
    fi
    local what=$root
    [ -z "$extras" ] || what="$root[$extras]"
    local pip=("$python" -m pip --disable-pip-version-check install -e "$what")
    if [ -t 1 ]; then
        "${pip[@]}" || fail "pip could not install Looktwice; its words are above."
    else
        "${pip[@]}" </dev/null | sed -n '/^ *\(Downloading\|Installing\|Successfully\)/p' ||
            fail "pip could not install Looktwice; its words are above."
    fi
    printf '%s' "$key $extras" >"$stamp"
}

# The names of system libraries that Qt asks for and the machine lacks, for the platforms that can be used here.
missing_libraries() {
    local qt files name
    qt=$("$python" -c 'import importlib.util as u; print(u.find_spec("PySide6").submodule_search_locations[0])')
    files=("$qt/QtGui.abi3.so" "$qt/QtWidgets.abi3.so" "$qt/Qt/plugins/platforms/libqoffscreen.so")
    [ -z "${DISPLAY:-}" ] || files+=("$qt/Qt/plugins/platforms/libqxcb.so")
    [ -z "${WAYLAND_DISPLAY:-}" ] || files+=("$qt/Qt/plugins/platforms/libqwayland.so")
    for name in "${files[@]}"; do
        [ ! -e "$name" ] || ldd "$name" 2>/dev/null
    done | awk '/not found/ { print $1 }' | sort -u | tr '\n' ' '
}

# Qt starts without fonts, but writes nothing.
has_font() {
    [ -n "$(find -L /usr/share/fonts /usr/local/share/fonts "$HOME/.fonts" "$HOME/.local/share/fonts" \
        \( -name '*.ttf' -o -name '*.otf' -o -name '*.ttc' \) -print -quit 2>/dev/null)" ]
}

system_libraries() {
    [ "$(uname -s)" = Linux ] && command -v ldd >/dev/null || return 0
    local missing
    missing=$(missing_libraries)
    has_font || missing="${missing}a font "
    [ -n "$missing" ] || return 0
    system_packages "the window's toolkit Qt misses from this system: ${missing% }" "${debian_packages[@]}"
    missing=$(missing_libraries)
    [ -z "$missing" ] || fail "Qt still misses from this system: ${missing% }."
}

# Everything a fresh machine needs. $1: extras, "" or "dev".
set_up() {
    make_venv
    install_project "$1"
    system_libraries
}
