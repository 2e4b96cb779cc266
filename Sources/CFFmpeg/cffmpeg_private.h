// What the parts of the shim share. Empty where FFmpeg is missing.
#ifndef CFFMPEG_PRIVATE_H
#define CFFMPEG_PRIVATE_H

#include "cffmpeg.h"

#if defined(__has_include)
#if __has_include(<libavformat/avformat.h>) && __has_include(<libavcodec/avcodec.h>) && __has_include(<libswscale/swscale.h>)
#define CFFMPEG_HAS_FFMPEG 1
#endif
#endif

#ifdef CFFMPEG_HAS_FFMPEG

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <math.h>

struct CFFmpegInput {
    AVFormatContext *format;
    AVIOContext *io;
    char *codecs;
    int64_t max_pixels;
    int64_t size;
    int64_t position;
    int descriptor;
    bool has_stopped;
    bool has_read_error;
    CFFmpegShouldStop should_stop;
    const void *context;
};

struct CFFmpegPacket {
    AVPacket *packet;
};

struct CFFmpegFrame {
    AVFrame *frame;
    double time;
};

struct CFFmpegDecoder {
    AVCodecContext *codec;
    AVRational time_base;
    int64_t start;  // of the file, in AV_TIME_BASE
};

// What FFmpeg's answer means; `input` may be NULL.
CFFmpegStatus cffmpeg_status(const CFFmpegInput *input, int code);
// Seconds from the start of the file.
double cffmpeg_seconds(int64_t time, AVRational base, int64_t start);

#endif
#endif
