#!/bin/sh
# Checks and measures training on one GPU; README.md beside this file says what it needs and what its settings mean.
set -u
: "${PYTHON:=python}" "${DEVICE:=cuda}" "${OUT:=gpu-results}" "${ROWS:=640}" "${STEPS:=20}" "${LORA_RANK:=32}"
: "${MICROS:=16 32 64}" "${BASE:=embedded}" "${TRAIN_ROWS:=2400}" "${ASKED:=64}" "${PATIENCE:=1}"
mkdir -p "$OUT"
: >"$OUT/steps.txt"

step() { # name, most seconds, command: its output goes into files, its end and its time into steps.txt
    name=$1 most=$2 began=$(date +%s)
    shift 2
    timeout $((most * PATIENCE)) "$@" >"$OUT/$name.json" 2>"$OUT/$name.log"
    echo "$name $? $(($(date +%s) - began))" | tee -a "$OUT/steps.txt"
}

load() { # rows of a micro-batch, whether parts are compiled: what is trained in the measurements
    half=$([ "$DEVICE" = cuda ] && echo true || echo false)
    printf '{"base": "%s", "rows": %s, "steps": %s, "rank": %s, "micro": %s, "half": %s, "device": "%s", "compiled": %s}' \
        "$FOLDER" "$ROWS" "$STEPS" "$LORA_RANK" "$1" "$half" "$DEVICE" "${2:-false}"
}

FOLDER=$("$PYTHON" -m tests.gpu.base "$BASE" "$OUT/base") || exit 1
step exact 100 "$PYTHON" -m tests.gpu.exact "$FOLDER" "$DEVICE" "$ROWS"
step buqi 90 "$PYTHON" -m buqi.bench.training buqi "$(load "$ROWS")"
step buqi_compiled 120 "$PYTHON" -m buqi.bench.training buqi "$(load "$ROWS" true)"
for micro in $MICROS; do
    step "trainer_$micro" 60 "$PYTHON" -m buqi.bench.training trainer "$(load "$micro")"
done
step rows 60 "$PYTHON" -m buqi data build --region 西安市,宝鸡市 --rows "$TRAIN_ROWS" --out "$OUT/data"
step tutorial 120 "$PYTHON" -m buqi train configs/lora_argument_0p5b.json --model_name_or_path "$FOLDER" \
    --dataset_name_or_path "$OUT/data" --output_dir "$OUT/adapter" --overwrite_output_dir true --device "$DEVICE" \
    --num_train_epochs 1 --warmup_steps 5 --report_to none --exact_match_rows 16
step full 60 "$PYTHON" -m tests.gpu.full "$FOLDER" "$DEVICE" "$OUT/data"
step merge 60 "$PYTHON" -m buqi merge --lora_path "$OUT/adapter" --output_path "$OUT/merged" --overwrite \
    --model_name_or_path "$FOLDER" --device "$DEVICE"
step evaluate 90 "$PYTHON" -m buqi evaluate "$OUT/data/dev.json" --compare base,tuned --adapter "$OUT/adapter" \
    --model "$FOLDER" --limit "$ASKED" --device "$DEVICE" --allow_seen --json
"$PYTHON" -m tests.gpu.summary "$OUT"
