# Sourced by the run.sh beside it: makes the virtual environment .build/bench-NAME of a comparison, in the checkout's
# top folder, from its requirements.txt: python_environment NAME. `environment` is its path.
python_environment() {
    environment=.build/bench-$1
    requirements=Benchmarks/$1/requirements.txt
    if ! cmp -s "$requirements" "$environment/requirements.txt"; then
        rm -rf "$environment"
        python3 -m venv "$environment"
        "$environment/bin/pip" install -q --disable-pip-version-check -r "$requirements"
        cp "$requirements" "$environment/requirements.txt"
    fi
}
