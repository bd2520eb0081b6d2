#!/bin/sh
# sh scripts/dickey-fuller/run.sh <folder>: all simulations (about an hour of one core), then the surfaces.
set -e
here=$(dirname "$0")
mkdir -p "$1/eg1" "$1/eg2" "$1/eg3"
gcc -O3 -march=native -o "$1/simulate" "$here/simulate.c" -lm
gcc -O3 -march=native -ffast-math -o "$1/simulate-residuals" "$here/simulate-residuals.c" -lm
plain() { for n in $2; do "$1/simulate" "$n" "$3" $((1000 + n)) > "$1/t$n.txt"; done; }
plain "$1" "5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 22 25" 200000000
plain "$1" "30 35 40 50" 100000000
plain "$1" "60 75 100 150 200" 40000000
plain "$1" "300 500 1000" 20000000
residuals() { for n in $3; do "$1/simulate-residuals" "$2" "$n" "$4" $((5000 + 100 * $2 + n)) > "$1/eg$2/t$n.txt"; done; }
for m in 1 2 3; do
  residuals "$1" $m "7 8 9 10 11 12 13 14 15 16 17 18 19 20" 20000000
  residuals "$1" $m "25 30 40 60" 10000000
  residuals "$1" $m "100 200" 4000000
  residuals "$1" $m "400" 2000000
done
node "$here/fit.mjs" "$1"
