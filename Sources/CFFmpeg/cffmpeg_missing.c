// The shim where FFmpeg is missing: everything fails with CFFMPEG_MISSING, so that the package builds and can say so.
#include "cffmpeg_private.h"

#ifndef CFFMPEG_HAS_FFMPEG

#include <math.h>

bool cffmpeg_is_available(void) { return false; }

CFFmpegInput *cffmpeg_input_open(const CFFmpegOpenOptions *options, CFFmpegFailure *failure) {
    failure->status = CFFMPEG_MISSING;
    failure->format[0] = 0;
    return NULL;
}
void cffmpeg_input_close(CFFmpegInput *input) {}
CFFmpegContainer cffmpeg_input_container(const CFFmpegInput *input) { return (CFFmpegContainer){.format = ""}; }
CFFmpegStream cffmpeg_input_stream(const CFFmpegInput *input, int index) { return (CFFmpegStream){.codec = ""}; }
CFFmpegStatus cffmpeg_input_attached_picture(CFFmpegInput *input, int index, CFFmpegPacket *packet) {
    return CFFMPEG_MISSING;
}
void cffmpeg_input_select(CFFmpegInput *input, int index) {}
CFFmpegStatus cffmpeg_input_read(CFFmpegInput *input, CFFmpegPacket *packet) { return CFFMPEG_MISSING; }
CFFmpegStatus cffmpeg_input_seek(CFFmpegInput *input, int index, double time) { return CFFMPEG_MISSING; }
void cffmpeg_input_keyframes(CFFmpegInput *input, int index, double time, double *before, double *after) {
    *before = *after = NAN;
}
CFFmpegPacket *cffmpeg_packet_new(void) { return NULL; }
void cffmpeg_packet_free(CFFmpegPacket *packet) {}
int cffmpeg_packet_stream(const CFFmpegPacket *packet) { return -1; }
double cffmpeg_packet_time(const CFFmpegInput *input, const CFFmpegPacket *packet) { return NAN; }
double cffmpeg_packet_end(const CFFmpegInput *input, const CFFmpegPacket *packet) { return NAN; }
bool cffmpeg_packet_is_key(const CFFmpegPacket *packet) { return false; }
CFFmpegDecoder *cffmpeg_decoder_open(const CFFmpegInput *input, int index, int threads, CFFmpegStatus *status) {
    *status = CFFMPEG_MISSING;
    return NULL;
}
void cffmpeg_decoder_close(CFFmpegDecoder *decoder) {}
CFFmpegStatus cffmpeg_decoder_send(CFFmpegDecoder *decoder, const CFFmpegPacket *packet) { return CFFMPEG_MISSING; }
CFFmpegStatus cffmpeg_decoder_receive(CFFmpegDecoder *decoder, CFFmpegFrame *frame) { return CFFMPEG_MISSING; }
void cffmpeg_decoder_flush(CFFmpegDecoder *decoder) {}
void cffmpeg_decoder_skip(CFFmpegDecoder *decoder, CFFmpegSkip skip) {}
CFFmpegFrame *cffmpeg_frame_new(void) { return NULL; }
void cffmpeg_frame_free(CFFmpegFrame *frame) {}
CFFmpegFrameInfo cffmpeg_frame_info(const CFFmpegFrame *frame) { return (CFFmpegFrameInfo){.time = NAN}; }
CFFmpegStatus cffmpeg_frame_convert(
    const CFFmpegFrame *frame, CFFmpegPixels format, int width, int height, uint8_t *pixels, size_t stride) {
    return CFFMPEG_MISSING;
}

#endif
