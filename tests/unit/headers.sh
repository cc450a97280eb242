#!/bin/sh
# SPDX-License-Identifier: MIT
# headers.sh INCLUDE-DIR CC...: every public header compiles alone, in C11 and in C++17.
set -eu
include=$1
shift
# Included, as clang calls a function of the file itself unused.
compiles() { # LANGUAGE STANDARD COMPILER...
  language=$1
  standard=$2
  shift 2
  echo "#include <p2pmem/$header>" |
    "$@" -std="$standard" -pedantic -Wall -Wextra -Werror -I"$include" -fsyntax-only -x "$language" -
}

for header in "$include"/p2pmem/*.h; do
  header=$(basename "$header")
  echo "$header"
  compiles c c11 "$@"
  ! command -v c++ >/dev/null || compiles c++ c++17 c++
done
