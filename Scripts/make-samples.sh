#!/usr/bin/env bash
# Generates small real photos, videos and music without network: Scripts/make-samples.sh DIR
# What exists is kept, so a second run does nothing. DIR/corrupt holds what must fail.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[[ $# -eq 1 ]] || die 'usage: Scripts/make-samples.sh DIR'
cd "$CALLER_DIR"
mkdir -p "$1/corrupt"
cd "$1"

scratch=$(mktemp -d "$PWD/.partial.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# make_sample NAME COMMAND… runs the command with the path to write appended, and lets NAME appear only when it is whole.
make_sample() {
    local name=$1 partial
    shift
    [[ -s $name ]] && return
    say "sample $name"
    partial=$scratch/$(basename "$name")
    "$@" "$partial" || die "could not generate $name"
    mv "$partial" "$name"
}

encode() { ffmpeg -nostdin -hide_banner -loglevel error -y "$@"; }

# Computed at a quarter of the width, which takes a sixteenth of the time, then enlarged and given a photo's grain.
mandelbrot_photo() { # WIDTH HEIGHT START_X START_Y SCALE OUTPUT
    encode -f lavfi -i "mandelbrot=size=$(($1 / 4))x$(($2 / 4)):start_x=$3:start_y=$4:start_scale=$5:maxiter=400" -frames:v 1 \
        -vf "scale=$1:$2:flags=bilinear,noise=alls=10:all_seed=7" -pix_fmt yuvj420p -q:v 3 "$6"
}

# A picture with transparency: a soft disc.
transparent_photo() {
    encode -f lavfi -i 'gradients=size=900x900:c0=orange:c1=purple:n=2:seed=7' -frames:v 1 \
        -vf "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*lt(hypot(X-450,Y-450),430)'" "$1"
}

small_webp() {
    vips thumbnail photo-12mp.jpg "$1[Q=75]" 640
}

# A JPEG held sideways by a phone that knows where it is: EXIF orientation 6, make, and a GPS position.
exif_photo() {
    local plain=$scratch/plain.jpg
    mandelbrot_photo 1600 1067 -0.5 0 3 "$plain"
    {
        printf '\xff\xd8'
        exif_segment
        tail -c +3 "$plain"
    } >"$1"
}

# The APP1 segment, little endian; offsets count from 'II'. IFD0 at 8 (3 entries, ends at 50), GPS IFD at 50 (4 entries,
# ends at 104), then the data both point to: make at 104, latitude at 112, longitude at 136; 160 bytes in all.
exif_segment() {
    printf '\xff\xe1\x00\xa8Exif\x00\x00'
    printf 'II\x2a\x00\x08\x00\x00\x00'
    printf '\x03\x00'
    printf '\x0f\x01\x02\x00\x08\x00\x00\x00\x68\x00\x00\x00' # Make
    printf '\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00' # Orientation
    printf '\x25\x88\x04\x00\x01\x00\x00\x00\x32\x00\x00\x00' # GPS IFD
    printf '\x00\x00\x00\x00'
    printf '\x04\x00'
    printf '\x01\x00\x02\x00\x02\x00\x00\x00N\x00\x00\x00'    # GPSLatitudeRef
    printf '\x02\x00\x05\x00\x03\x00\x00\x00\x70\x00\x00\x00' # GPSLatitude
    printf '\x03\x00\x02\x00\x02\x00\x00\x00E\x00\x00\x00'    # GPSLongitudeRef
    printf '\x04\x00\x05\x00\x03\x00\x00\x00\x88\x00\x00\x00' # GPSLongitude
    printf '\x00\x00\x00\x00'
    printf 'SampleC\x00'
    rationals 50 5 24 # the middle of Prague
    rationals 14 25 16
}

rationals() { # numbers below 256, each as number/1
    local number
    for number in "$@"; do
        # shellcheck disable=SC2059 # the format is the byte itself
        printf "\\x$(printf '%02x' "$number")"'\x00\x00\x00\x01\x00\x00\x00'
    done
}

h264_video() { # SECONDS WIDTHxHEIGHT OUTPUT
    encode -f lavfi -i "testsrc2=size=$2:rate=25:duration=$1" -f lavfi -i "sine=frequency=440:beep_factor=4:duration=$1" \
        -c:v libx264 -preset veryfast -crf 26 -pix_fmt yuv420p -c:a aac -b:a 96k -movflags +faststart -shortest "$3"
}

vp9_video() {
    encode -f lavfi -i 'mandelbrot=size=640x360:rate=25' -f lavfi -i 'sine=frequency=330' -t 5 \
        -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 600k -pix_fmt yuv420p -c:a libopus -b:a 64k "$1"
}

# A landscape stream with a display matrix that says 'turn me'. FFmpeg 6 spells it as an option of the input, 5 as a tag.
rotated_video() {
    local upright=$scratch/upright.mp4
    h264_video 3 640x360 "$upright"
    encode -display_rotation 90 -i "$upright" -c copy "$1" 2>/dev/null ||
        encode -i "$upright" -c copy -metadata:s:v:0 rotate=90 "$1"
}

music_with_cover() {
    local cover=$scratch/cover.jpg
    mandelbrot_photo 500 500 -0.745 0.105 0.01 "$cover"
    encode -f lavfi -i 'sine=frequency=220:beep_factor=2:duration=6' -i "$cover" -map 0:a -map 1:v \
        -c:a libmp3lame -b:a 96k -c:v copy -disposition:v attached_pic -id3v2_version 3 \
        -metadata title='Sample tone' -metadata artist='swift-taskcore' "$1"
}

truncated_copy() { # SOURCE BYTES OUTPUT
    head -c "$2" "$1" >"$3"
}

make_sample photo-12mp.jpg mandelbrot_photo 4000 3000 -0.743 0.131 0.02
make_sample photo-portrait.jpg mandelbrot_photo 1200 1800 -1.25 0.02 0.05
make_sample photo-sideways-gps.jpg exif_photo
make_sample photo-transparent.png transparent_photo
make_sample photo-small.webp small_webp
make_sample video-720p.mp4 h264_video 8 1280x720
make_sample video-vp9.webm vp9_video
make_sample video-rotated.mp4 rotated_video
make_sample music-with-cover.mp3 music_with_cover
make_sample corrupt/truncated.jpg truncated_copy photo-portrait.jpg 9000
make_sample corrupt/truncated.mp4 truncated_copy video-720p.mp4 2000
