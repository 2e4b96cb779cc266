// What MediaEngine needs of FFmpeg, without naming a type of it: demux, decode and convert, as objects that Swift puts
// together. Policy (which formats, which limits, which frame) is Swift's; this is mechanism only.
//
// Where FFmpeg was missing at build time `cffmpeg_is_available` is false and every other call fails with CFFMPEG_MISSING.
// An object is used by one thread at a time. Times are seconds from the start of the file, NaN where unknown.
#ifndef CFFMPEG_H
#define CFFMPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CFFmpegInput CFFmpegInput;
typedef struct CFFmpegPacket CFFmpegPacket;
typedef struct CFFmpegDecoder CFFmpegDecoder;
typedef struct CFFmpegFrame CFFmpegFrame;

typedef enum {
    CFFMPEG_OK = 0,
    CFFMPEG_END,               // no more packets, or no more frames
    CFFMPEG_AGAIN,             // the decoder needs another packet first
    CFFMPEG_STOPPED,           // should_stop said so
    CFFMPEG_INVALID,           // damaged data
    CFFMPEG_UNRECOGNISED,      // no format fits the bytes
    CFFMPEG_FORMAT_REFUSED,    // a format outside the list; its name is in CFFmpegFailure
    CFFMPEG_CODEC_REFUSED,     // no decoder, or one outside the list
    CFFMPEG_TOO_MANY_STREAMS,
    CFFMPEG_TOO_MANY_PIXELS,
    CFFMPEG_READ_FAILED,       // the operating system could not read the file
    CFFMPEG_NO_MEMORY,
    CFFMPEG_FAILED,            // anything else
    CFFMPEG_MISSING,           // built without FFmpeg
} CFFmpegStatus;

// Asked before every read; true ends the call with CFFMPEG_STOPPED.
typedef bool (*CFFmpegShouldStop)(const void *context);

typedef struct {
    int descriptor;            // read with pread; stays the caller's and must outlive the input
    int64_t size;              // bytes of the file
    const char *formats;       // demuxers allowed, by name, with commas
    const char *codecs;        // decoders allowed, by name, with commas
    int max_streams;
    int64_t max_pixels;        // of one picture
    CFFmpegShouldStop should_stop;
    const void *context;
} CFFmpegOpenOptions;

typedef struct {
    CFFmpegStatus status;
    char format[64];           // the demuxer that fits the bytes, where one does
} CFFmpegFailure;

typedef struct {
    const char *format;        // the demuxer's names, with commas
    const char *brand;         // major brand of MP4 and QuickTime; or NULL
    double duration;
    int64_t bit_rate;          // 0: unknown
    int stream_count;
} CFFmpegContainer;

typedef enum { CFFMPEG_OTHER = 0, CFFMPEG_VIDEO, CFFMPEG_AUDIO, CFFMPEG_SUBTITLE } CFFmpegKind;

// Strings live as long as the input; those that are unknown are NULL, numbers 0, times NaN.
typedef struct {
    CFFmpegKind kind;
    const char *codec;
    const char *profile;
    const char *language;
    const char *title;
    bool is_default;
    bool is_attached_picture;
    int64_t bit_rate;
    int64_t frame_count;
    double duration;
    int width;
    int height;
    int aspect_num, aspect_den;  // of one pixel; 0 or 1:1 when square or unknown
    double average_frame_rate;
    double guessed_frame_rate;
    const char *pixel_format;
    const char *transfer;
    bool has_dolby_vision;
    bool has_matrix;
    int32_t matrix[9];           // display matrix as in the file: 16.16, 2.30 in the last column
    int channels;
    int sample_rate;
} CFFmpegStream;

bool cffmpeg_is_available(void);

// Opens a file: finds out its format, reads its header and as many packets as it takes to know its streams. No other file
// and no address is ever opened, whatever the file says. Sets FFmpeg's log quiet for the process.
CFFmpegInput *cffmpeg_input_open(const CFFmpegOpenOptions *options, CFFmpegFailure *failure);
void cffmpeg_input_close(CFFmpegInput *input);
CFFmpegContainer cffmpeg_input_container(const CFFmpegInput *input);
CFFmpegStream cffmpeg_input_stream(const CFFmpegInput *input, int index);
// The attached picture of a stream becomes the packet. CFFMPEG_END when it has none.
CFFmpegStatus cffmpeg_input_attached_picture(CFFmpegInput *input, int index, CFFmpegPacket *packet);

// From now on `cffmpeg_input_read` returns packets of this stream only.
void cffmpeg_input_select(CFFmpegInput *input, int index);
CFFmpegStatus cffmpeg_input_read(CFFmpegInput *input, CFFmpegPacket *packet);
// Goes to the keyframe at or before `time`; some formats end up later.
CFFmpegStatus cffmpeg_input_seek(CFFmpegInput *input, int index, double time);
// The times of the keyframes at or before, and at or after, `time`, by the file's index; NaN where it does not say.
void cffmpeg_input_keyframes(CFFmpegInput *input, int index, double time, double *before, double *after);

CFFmpegPacket *cffmpeg_packet_new(void);
void cffmpeg_packet_free(CFFmpegPacket *packet);
int cffmpeg_packet_stream(const CFFmpegPacket *packet);
// When it begins and ends to be shown.
double cffmpeg_packet_time(const CFFmpegInput *input, const CFFmpegPacket *packet);
double cffmpeg_packet_end(const CFFmpegInput *input, const CFFmpegPacket *packet);
bool cffmpeg_packet_is_key(const CFFmpegPacket *packet);

typedef enum { CFFMPEG_SKIP_NOTHING = 0, CFFMPEG_SKIP_UNREFERENCED, CFFMPEG_SKIP_ALL_BUT_KEYS } CFFmpegSkip;

CFFmpegDecoder *cffmpeg_decoder_open(const CFFmpegInput *input, int index, int threads, CFFmpegStatus *status);
void cffmpeg_decoder_close(CFFmpegDecoder *decoder);
// Takes a packet; NULL means that no more will come.
CFFmpegStatus cffmpeg_decoder_send(CFFmpegDecoder *decoder, const CFFmpegPacket *packet);
CFFmpegStatus cffmpeg_decoder_receive(CFFmpegDecoder *decoder, CFFmpegFrame *frame);
// Forgets what it holds: after a seek, and after the end.
void cffmpeg_decoder_flush(CFFmpegDecoder *decoder);
// Which frames need not be decoded, for the packets sent from now on.
void cffmpeg_decoder_skip(CFFmpegDecoder *decoder, CFFmpegSkip skip);

typedef struct {
    int width;
    int height;
    int aspect_num, aspect_den;
    double time;
    bool has_alpha;
    bool is_damaged;           // errors were hidden, or references were missing
    const char *transfer;      // such as "smpte2084"; NULL when unknown
    const char *primaries;     // such as "bt2020"; NULL when unknown
} CFFmpegFrameInfo;

typedef enum { CFFMPEG_RGB8 = 0, CFFMPEG_RGBA8, CFFMPEG_RGB16, CFFMPEG_GRAY8 } CFFmpegPixels;

CFFmpegFrame *cffmpeg_frame_new(void);
void cffmpeg_frame_free(CFFmpegFrame *frame);
CFFmpegFrameInfo cffmpeg_frame_info(const CFFmpegFrame *frame);
// Scales and converts into `pixels`, full range, samples in the machine's byte order. The frame's own matrix and range are
// used; where it names no matrix, BT.709 from 720 rows on and BT.601 below, as players do. `stride` must be a multiple of
// 64 and `pixels` have 64 bytes more than stride × height, because SIMD code may write beyond a row.
CFFmpegStatus cffmpeg_frame_convert(
    const CFFmpegFrame *frame, CFFmpegPixels format, int width, int height, uint8_t *pixels, size_t stride);

#endif
