// Packets into frames, frames into pixels.
#include "cffmpeg_private.h"

#ifdef CFFMPEG_HAS_FFMPEG

#include <libavutil/avstring.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

static int open_codec(CFFmpegDecoder *decoder, const CFFmpegInput *input, int index, int threads) {
    const AVStream *stream = input->format->streams[index];
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    if (!codec || av_match_list(codec->name, input->codecs, ',') <= 0) return AVERROR_DECODER_NOT_FOUND;
    decoder->codec = avcodec_alloc_context3(codec);
    if (!decoder->codec) return AVERROR(ENOMEM);
    int code = avcodec_parameters_to_context(decoder->codec, stream->codecpar);
    if (code < 0) return code;
    decoder->codec->pkt_timebase = stream->time_base;
    decoder->codec->max_pixels = input->max_pixels;
    decoder->codec->thread_count = threads;
    decoder->time_base = stream->time_base;
    decoder->start = input->format->start_time;
    return avcodec_open2(decoder->codec, codec, NULL);
}

CFFmpegDecoder *cffmpeg_decoder_open(const CFFmpegInput *input, int index, int threads, CFFmpegStatus *status) {
    *status = CFFMPEG_NO_MEMORY;
    CFFmpegDecoder *decoder = av_mallocz(sizeof(*decoder));
    if (!decoder) return NULL;
    *status = cffmpeg_status(NULL, open_codec(decoder, input, index, threads));
    if (*status == CFFMPEG_OK) return decoder;
    cffmpeg_decoder_close(decoder);
    return NULL;
}

void cffmpeg_decoder_close(CFFmpegDecoder *decoder) {
    if (!decoder) return;
    avcodec_free_context(&decoder->codec);
    av_free(decoder);
}

CFFmpegStatus cffmpeg_decoder_send(CFFmpegDecoder *decoder, const CFFmpegPacket *packet) {
    return cffmpeg_status(NULL, avcodec_send_packet(decoder->codec, packet ? packet->packet : NULL));
}

CFFmpegStatus cffmpeg_decoder_receive(CFFmpegDecoder *decoder, CFFmpegFrame *frame) {
    int code = avcodec_receive_frame(decoder->codec, frame->frame);
    if (code >= 0) {
        frame->time = cffmpeg_seconds(frame->frame->best_effort_timestamp, decoder->time_base, decoder->start);
    }
    return cffmpeg_status(NULL, code);
}

void cffmpeg_decoder_flush(CFFmpegDecoder *decoder) { avcodec_flush_buffers(decoder->codec); }

void cffmpeg_decoder_skip(CFFmpegDecoder *decoder, CFFmpegSkip skip) {
    static const enum AVDiscard levels[] = {AVDISCARD_DEFAULT, AVDISCARD_NONREF, AVDISCARD_NONKEY};
    decoder->codec->skip_frame = levels[skip];
}

CFFmpegFrame *cffmpeg_frame_new(void) {
    CFFmpegFrame *frame = av_mallocz(sizeof(*frame));
    if (!frame) return NULL;
    frame->time = NAN;
    frame->frame = av_frame_alloc();
    if (frame->frame) return frame;
    av_free(frame);
    return NULL;
}

void cffmpeg_frame_free(CFFmpegFrame *frame) {
    if (!frame) return;
    av_frame_free(&frame->frame);
    av_free(frame);
}

static const AVPixFmtDescriptor *descriptor(const AVFrame *frame) { return av_pix_fmt_desc_get(frame->format); }

CFFmpegFrameInfo cffmpeg_frame_info(const CFFmpegFrame *frame) {
    const AVFrame *f = frame->frame;
    const AVPixFmtDescriptor *pixels = descriptor(f);
    return (CFFmpegFrameInfo){
        .width = f->width,
        .height = f->height,
        .aspect_num = f->sample_aspect_ratio.num,
        .aspect_den = f->sample_aspect_ratio.den,
        .time = frame->time,
        .has_alpha = pixels && (pixels->flags & AV_PIX_FMT_FLAG_ALPHA),
        .is_damaged = f->decode_error_flags != 0 || (f->flags & AV_FRAME_FLAG_CORRUPT),
        .transfer = f->color_trc == AVCOL_TRC_UNSPECIFIED ? NULL : av_color_transfer_name(f->color_trc),
        .primaries = f->color_primaries == AVCOL_PRI_UNSPECIFIED ? NULL : av_color_primaries_name(f->color_primaries),
    };
}

// swscale takes BT.601 and limited range for granted unless told.
static void set_colours(struct SwsContext *context, const AVFrame *frame) {
    bool is_known = frame->colorspace != AVCOL_SPC_UNSPECIFIED && frame->colorspace != AVCOL_SPC_RGB
        && frame->colorspace != AVCOL_SPC_RESERVED;
    int guess = frame->height >= 720 || frame->width >= 1280 ? SWS_CS_ITU709 : SWS_CS_ITU601;
    const int *matrix = sws_getCoefficients(is_known ? (int)frame->colorspace : guess);
    const AVPixFmtDescriptor *pixels = descriptor(frame);
    bool is_full = frame->color_range == AVCOL_RANGE_JPEG
        || (pixels && av_strstart(pixels->name, "yuvj", NULL)) || (pixels && (pixels->flags & AV_PIX_FMT_FLAG_RGB));
    sws_setColorspaceDetails(
        context, matrix, is_full, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
}

CFFmpegStatus cffmpeg_frame_convert(
    const CFFmpegFrame *frame, CFFmpegPixels format, int width, int height, uint8_t *pixels, size_t stride) {
    static const enum AVPixelFormat formats[] = {AV_PIX_FMT_RGB24, AV_PIX_FMT_RGBA, AV_PIX_FMT_RGB48, AV_PIX_FMT_GRAY8};
    const AVFrame *f = frame->frame;
    if (f->width <= 0 || f->height <= 0 || !sws_isSupportedInput(f->format)) return CFFMPEG_INVALID;
    int flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT;
    struct SwsContext *context = sws_getContext(
        f->width, f->height, f->format, width, height, formats[format], flags, NULL, NULL, NULL);
    if (!context) return CFFMPEG_NO_MEMORY;
    set_colours(context, f);
    uint8_t *const planes[4] = {pixels};
    const int strides[4] = {(int)stride};
    int rows = sws_scale(context, (const uint8_t *const *)f->data, f->linesize, 0, f->height, planes, strides);
    sws_freeContext(context);
    return rows > 0 ? CFFMPEG_OK : CFFMPEG_INVALID;
}

#endif
