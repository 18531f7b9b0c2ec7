# shellcheck shell=bash
# What the scripts share; sourced, not run. Sets `root` to the repository's folder.
# Not here: anything that only one script does.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# say LINE: a step of the script, apart from the output of the programs it runs.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die LINE: ends with one clear line.
die() {
  say "$*"
  exit 1
}

# usage LINE: likewise, for a wrong command line.
usage() {
  say "usage: $*"
  exit 2
}

# compilers: how many may run at once: one a core, but no more than the memory holds, since a source
# with LibTorch's headers takes up to 2 GiB.
compilers() {
  local cores gigabytes most
  cores=$(nproc)
  gigabytes=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  most=$((gigabytes / 2 > 1 ? gigabytes / 2 : 1))
  echo $((cores < most ? cores : most))
}

# build PRESET [TARGET]: configures and builds build/PRESET. Warnings are errors where CI is "true".
build() {
  local preset=$1 target=${2:-all}
  local options=()
  [[ ${CI:-} == true ]] && options+=(-DMULBERRY_WERROR=ON)
  command -v ccache >/dev/null && options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  (cd "$root" && cmake --preset "$preset" "${options[@]}") || die "configuring $preset failed"
  cmake --build "$root/build/$preset" --target "$target" --parallel "$(compilers)" ||
    die "building $preset failed"
}

# begun OUT: the flag that goes on with a run's folder, if it has anything to go on with.
begun() { if [[ -f $1/config.toml ]]; then echo --resume; else echo --force; fi; }

# float_resnet20 FOLDER [--KEY VALUE...]: a ResNet-20 trained in FP32 on CIFAR-10, in FOLDER/float.
# FLOAT_EPOCHS=N in the environment is how long, by default 10 epochs.
float_resnet20() {
  local folder=$1
  shift
  mulberry train --model resnet20 --data cifar10 --batch-size 128 --lr 0.1 --lr-warmup-epochs 1 \
    --weight-decay 5e-4 --native-batches 0 --checkpoint-every 50 "$@" \
    --epochs "${FLOAT_EPOCHS:-10}" --out "$folder/float" "$(begun "$folder/float")" >"$folder/float.txt" ||
    die "training in FP32 failed"
}
