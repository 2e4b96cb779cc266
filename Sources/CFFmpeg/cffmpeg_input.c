// Opening and reading files: a custom reader over a descriptor, and refusal of everything else.
#include "cffmpeg_private.h"

#ifdef CFFMPEG_HAS_FFMPEG

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include <libavutil/avstring.h>
#include <libavutil/display.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/pixdesc.h>

bool cffmpeg_is_available(void) { return true; }

CFFmpegStatus cffmpeg_status(const CFFmpegInput *input, int code) {
    if (code >= 0) return CFFMPEG_OK;
    if (input && input->has_stopped) return CFFMPEG_STOPPED;
    if (input && input->has_read_error) return CFFMPEG_READ_FAILED;
    switch (code) {
        case AVERROR_EXIT: return CFFMPEG_STOPPED;
        case AVERROR_EOF: return CFFMPEG_END;
        case AVERROR(EAGAIN): return CFFMPEG_AGAIN;
        case AVERROR(ENOMEM): return CFFMPEG_NO_MEMORY;
        case AVERROR_DECODER_NOT_FOUND: return CFFMPEG_CODEC_REFUSED;
        default: return CFFMPEG_INVALID;
    }
}

double cffmpeg_seconds(int64_t time, AVRational base, int64_t start) {
    if (time == AV_NOPTS_VALUE) return NAN;
    double offset = start == AV_NOPTS_VALUE ? 0 : (double)start / AV_TIME_BASE;
    return (double)time * base.num / base.den - offset;
}

static int should_stop(void *opaque) {
    CFFmpegInput *input = opaque;
    if (!input->has_stopped && input->should_stop(input->context)) input->has_stopped = true;
    return input->has_stopped;
}

static int read_bytes(void *opaque, uint8_t *bytes, int count) {
    CFFmpegInput *input = opaque;
    if (should_stop(input)) return AVERROR_EXIT;
    ssize_t length;
    do {
        length = pread(input->descriptor, bytes, (size_t)count, input->position);
    } while (length < 0 && errno == EINTR);
    if (length < 0) {
        input->has_read_error = true;
        return AVERROR(EIO);
    }
    if (length == 0) return AVERROR_EOF;
    input->position += length;
    return (int)length;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence) {
    CFFmpegInput *input = opaque;
    int64_t base;
    switch (whence & ~AVSEEK_FORCE) {
        case AVSEEK_SIZE: return input->size;
        case SEEK_SET: base = 0; break;
        case SEEK_CUR: base = input->position; break;
        case SEEK_END: base = input->size; break;
        default: return AVERROR(EINVAL);
    }
    if (offset > INT64_MAX - base || base + offset < 0) return AVERROR(EINVAL);
    input->position = base + offset;
    return input->position;
}

// Playlists, external references and the like end here.
static int refuse_to_open(
    struct AVFormatContext *format, AVIOContext **io, const char *url, int flags, AVDictionary **options) {
    return AVERROR(EPERM);
}

static void be_quiet(void) { av_log_set_level(AV_LOG_QUIET); }

static CFFmpegStatus check_streams(const CFFmpegInput *input, int max_streams) {
    if (input->format->nb_streams > (unsigned)max_streams) return CFFMPEG_TOO_MANY_STREAMS;
    for (unsigned index = 0; index < input->format->nb_streams; index++) {
        const AVCodecParameters *parameters = input->format->streams[index]->codecpar;
        if (parameters->codec_type != AVMEDIA_TYPE_VIDEO) continue;
        if ((int64_t)parameters->width * parameters->height > input->max_pixels) return CFFMPEG_TOO_MANY_PIXELS;
    }
    return CFFMPEG_OK;
}

// Bytes of the ID3 tag that the file begins with; 0 when there is none.
static int64_t tag_length(const uint8_t *bytes, int count) {
    if (count < 10 || memcmp(bytes, "ID3", 3) != 0) return 0;
    int64_t length = 10;
    for (int index = 0; index < 4; index++) length += (int64_t)(bytes[6 + index] & 0x7f) << (21 - 7 * index);
    return bytes[5] & 0x10 ? length + 10 : length;
}

static int read_start(CFFmpegInput *input, uint8_t *bytes, int count, int64_t offset) {
    int filled = 0;
    input->position = offset;
    while (filled < count) {
        int length = read_bytes(input, bytes + filled, count - filled);
        if (length <= 0) break;
        filled += length;
    }
    input->position = 0;
    memset(bytes + filled, 0, AVPROBE_PADDING_SIZE);
    return filled;
}

// Looks at a little of the file, and at more of it while nothing fits well. FFmpeg's own way takes ten rounds, which with a
// cover picture before the sound is 60 ms: here the tag is passed over.
static CFFmpegStatus recognise(CFFmpegInput *input, const char *formats, const AVInputFormat **found, char *name) {
    static const int sizes[] = {4 << 10, 64 << 10, 1 << 20};
    uint8_t *bytes = av_malloc(sizes[2] + AVPROBE_PADDING_SIZE);
    if (!bytes) return CFFMPEG_NO_MEMORY;
    int score = 0;
    int64_t offset = tag_length(bytes, read_start(input, bytes, 16, 0));
    for (int round = 0; round < 3 && score <= AVPROBE_SCORE_RETRY; round++) {
        int count = read_start(input, bytes, sizes[round], offset);
        AVProbeData data = {.filename = "", .buf = bytes, .buf_size = count};
        *found = av_probe_input_format3(&data, 1, &score);
        if (count < sizes[round]) break;
    }
    av_free(bytes);
    if (input->has_stopped) return CFFMPEG_STOPPED;
    if (input->has_read_error) return CFFMPEG_READ_FAILED;
    // Noise is "recognised" too, as raw sound, with a score of 1.
    if (!*found || score <= 1) return CFFMPEG_UNRECOGNISED;
    av_strlcpy(name, (*found)->name, 64);
    return av_match_list((*found)->name, formats, ',') > 0 ? CFFMPEG_OK : CFFMPEG_FORMAT_REFUSED;
}

// Finding out about streams decodes a picture of each, which for cover art is most of the work and never needed: it is made
// to look like an attachment meanwhile.
static void hide_attached_pictures(AVFormatContext *format, bool hide) {
    for (unsigned index = 0; index < format->nb_streams; index++) {
        AVStream *stream = format->streams[index];
        if (!(stream->disposition & AV_DISPOSITION_ATTACHED_PIC)) continue;
        stream->codecpar->codec_type = hide ? AVMEDIA_TYPE_ATTACHMENT : AVMEDIA_TYPE_VIDEO;
    }
}

static CFFmpegStatus read_streams(CFFmpegInput *input, int max_streams) {
    CFFmpegStatus status = check_streams(input, max_streams);
    if (status != CFFMPEG_OK) return status;
    unsigned count = input->format->nb_streams;
    AVDictionary **options = av_calloc(count + 1, sizeof(*options));
    if (!options) return CFFMPEG_NO_MEMORY;
    for (unsigned index = 0; index < count; index++) {
        av_dict_set_int(&options[index], "max_pixels", input->max_pixels, 0);
        // Some pictures are decoded to learn about the stream, but nobody looks at them.
        av_dict_set(&options[index], "skip_loop_filter", "all", 0);
        av_dict_set(&options[index], "skip_idct", "all", 0);
    }
    hide_attached_pictures(input->format, true);
    int code = avformat_find_stream_info(input->format, options);
    hide_attached_pictures(input->format, false);
    for (unsigned index = 0; index < count; index++) av_dict_free(&options[index]);
    av_free(options);
    if (should_stop(input)) return CFFMPEG_STOPPED;
    if (code < 0) return cffmpeg_status(input, code);
    return check_streams(input, max_streams);
}

static CFFmpegStatus open_input(CFFmpegInput *input, const CFFmpegOpenOptions *options, char *name) {
    const int buffer_size = 32 << 10;
    uint8_t *buffer = av_malloc(buffer_size);
    if (!buffer) return CFFMPEG_NO_MEMORY;
    input->io = avio_alloc_context(buffer, buffer_size, 0, input, read_bytes, NULL, seek_bytes);
    if (!input->io) {
        av_free(buffer);
        return CFFMPEG_NO_MEMORY;
    }
    const AVInputFormat *found = NULL;
    CFFmpegStatus status = recognise(input, options->formats, &found, name);
    if (status != CFFMPEG_OK) return status;

    AVFormatContext *format = avformat_alloc_context();
    if (!format) return CFFMPEG_NO_MEMORY;
    format->pb = input->io;
    format->flags |= AVFMT_FLAG_CUSTOM_IO;
    format->interrupt_callback = (AVIOInterruptCB){should_stop, input};
    format->io_open = refuse_to_open;
    format->max_streams = options->max_streams < INT32_MAX ? options->max_streams + 1 : INT32_MAX;
    format->protocol_whitelist = av_strdup("");
    format->format_whitelist = av_strdup(options->formats);
    format->codec_whitelist = av_strdup(options->codecs);
    input->codecs = av_strdup(options->codecs);
    if (!format->protocol_whitelist || !format->format_whitelist || !format->codec_whitelist || !input->codecs) {
        avformat_free_context(format);
        return CFFMPEG_NO_MEMORY;
    }
    int code = avformat_open_input(&format, "", found, NULL);  // frees the context when it fails
    if (code == AVERROR_EOF) return should_stop(input) ? CFFMPEG_STOPPED : CFFMPEG_INVALID;
    if (code < 0) return cffmpeg_status(input, code);
    input->format = format;
    return read_streams(input, options->max_streams);
}

CFFmpegInput *cffmpeg_input_open(const CFFmpegOpenOptions *options, CFFmpegFailure *failure) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, be_quiet);
    failure->status = CFFMPEG_NO_MEMORY;
    failure->format[0] = 0;
    CFFmpegInput *input = av_mallocz(sizeof(*input));
    if (!input) return NULL;
    input->descriptor = options->descriptor;
    input->size = options->size;
    input->max_pixels = options->max_pixels;
    input->should_stop = options->should_stop;
    input->context = options->context;
    failure->status = open_input(input, options, failure->format);
    if (failure->status == CFFMPEG_OK) return input;
    cffmpeg_input_close(input);
    return NULL;
}

void cffmpeg_input_close(CFFmpegInput *input) {
    if (!input) return;
    avformat_close_input(&input->format);
    if (input->io) av_freep(&input->io->buffer);
    avio_context_free(&input->io);
    av_free(input->codecs);
    av_free(input);
}

static const char *tag(const AVDictionary *dictionary, const char *name) {
    const AVDictionaryEntry *entry = av_dict_get(dictionary, name, NULL, 0);
    return entry ? entry->value : NULL;
}

static double rate(AVRational value) { return value.num > 0 && value.den > 0 ? av_q2d(value) : NAN; }

CFFmpegContainer cffmpeg_input_container(const CFFmpegInput *input) {
    const AVFormatContext *format = input->format;
    return (CFFmpegContainer){
        .format = format->iformat->name,
        .brand = tag(format->metadata, "major_brand"),
        .duration = format->duration == AV_NOPTS_VALUE ? NAN : (double)format->duration / AV_TIME_BASE,
        .bit_rate = format->bit_rate,
        .stream_count = (int)format->nb_streams,
    };
}

static const uint8_t *side_data(const AVStream *stream, enum AVPacketSideDataType type, size_t least) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, type);
    return data && data->size >= least ? data->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, type, &size);
    return data && size >= least ? data : NULL;
#endif
}

static CFFmpegKind kind(enum AVMediaType type) {
    switch (type) {
        case AVMEDIA_TYPE_VIDEO: return CFFMPEG_VIDEO;
        case AVMEDIA_TYPE_AUDIO: return CFFMPEG_AUDIO;
        case AVMEDIA_TYPE_SUBTITLE: return CFFMPEG_SUBTITLE;
        default: return CFFMPEG_OTHER;
    }
}

CFFmpegStream cffmpeg_input_stream(const CFFmpegInput *input, int index) {
    AVStream *stream = input->format->streams[index];
    const AVCodecParameters *parameters = stream->codecpar;
    AVRational aspect = av_guess_sample_aspect_ratio(input->format, stream, NULL);
    CFFmpegStream result = {
        .kind = kind(parameters->codec_type),
        .codec = avcodec_get_name(parameters->codec_id),
        .profile = avcodec_profile_name(parameters->codec_id, parameters->profile),
        .language = tag(stream->metadata, "language"),
        .title = tag(stream->metadata, "title"),
        .is_default = stream->disposition & AV_DISPOSITION_DEFAULT,
        .is_attached_picture = stream->disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS),
        .bit_rate = parameters->bit_rate,
        .frame_count = stream->nb_frames,
        .duration = cffmpeg_seconds(stream->duration, stream->time_base, 0),
    };
    if (result.kind == CFFMPEG_VIDEO) {
        result.width = parameters->width;
        result.height = parameters->height;
        result.aspect_num = aspect.num;
        result.aspect_den = aspect.den;
        result.average_frame_rate = rate(stream->avg_frame_rate);
        result.guessed_frame_rate = rate(av_guess_frame_rate(input->format, stream, NULL));
        result.pixel_format = av_get_pix_fmt_name(parameters->format);
        result.transfer = av_color_transfer_name(parameters->color_trc);
        result.has_dolby_vision = side_data(stream, AV_PKT_DATA_DOVI_CONF, 1) != NULL;
        const uint8_t *matrix = side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, sizeof(result.matrix));
        result.has_matrix = matrix != NULL;
        if (matrix) memcpy(result.matrix, matrix, sizeof(result.matrix));
    }
    if (result.kind == CFFMPEG_AUDIO) {
        result.channels = parameters->ch_layout.nb_channels;
        result.sample_rate = parameters->sample_rate;
    }
    return result;
}

CFFmpegStatus cffmpeg_input_attached_picture(CFFmpegInput *input, int index, CFFmpegPacket *packet) {
    AVPacket *picture = &input->format->streams[index]->attached_pic;
    if (picture->size <= 0) return CFFMPEG_END;
    av_packet_unref(packet->packet);
    return cffmpeg_status(NULL, av_packet_ref(packet->packet, picture));
}

void cffmpeg_input_select(CFFmpegInput *input, int index) {
    for (unsigned other = 0; other < input->format->nb_streams; other++) {
        input->format->streams[other]->discard = (int)other == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
}

CFFmpegStatus cffmpeg_input_read(CFFmpegInput *input, CFFmpegPacket *packet) {
    for (;;) {
        if (should_stop(input)) return CFFMPEG_STOPPED;
        av_packet_unref(packet->packet);
        int code = av_read_frame(input->format, packet->packet);
        if (code == AVERROR(EAGAIN)) continue;
        if (code < 0) return cffmpeg_status(input, code);
        if (input->format->streams[packet->packet->stream_index]->discard != AVDISCARD_ALL) return CFFMPEG_OK;
    }
}

// Seconds from the start of the file as a stream's time; saturates.
static int64_t stream_time(const CFFmpegInput *input, const AVStream *stream, double seconds) {
    int64_t start = input->format->start_time == AV_NOPTS_VALUE ? 0 : input->format->start_time;
    double time = (seconds + (double)start / AV_TIME_BASE) * stream->time_base.den / stream->time_base.num;
    if (!(time > -4e18)) return INT64_MIN / 2;
    return time > 4e18 ? INT64_MAX / 2 : (int64_t)floor(time + 1e-3);
}

CFFmpegStatus cffmpeg_input_seek(CFFmpegInput *input, int index, double time) {
    const AVStream *stream = input->format->streams[index];
    int code = av_seek_frame(input->format, index, stream_time(input, stream, time), AVSEEK_FLAG_BACKWARD);
    return should_stop(input) ? CFFMPEG_STOPPED : cffmpeg_status(input, code);
}

void cffmpeg_input_keyframes(CFFmpegInput *input, int index, double time, double *before, double *after) {
    AVStream *stream = input->format->streams[index];
    int64_t wanted = stream_time(input, stream, time);
    const AVIndexEntry *left = avformat_index_get_entry_from_timestamp(stream, wanted, AVSEEK_FLAG_BACKWARD);
    const AVIndexEntry *right = avformat_index_get_entry_from_timestamp(stream, wanted, 0);
    int64_t start = input->format->start_time;
    *before = left ? cffmpeg_seconds(left->timestamp, stream->time_base, start) : NAN;
    *after = right ? cffmpeg_seconds(right->timestamp, stream->time_base, start) : NAN;
}

CFFmpegPacket *cffmpeg_packet_new(void) {
    CFFmpegPacket *packet = av_mallocz(sizeof(*packet));
    if (!packet) return NULL;
    packet->packet = av_packet_alloc();
    if (packet->packet) return packet;
    av_free(packet);
    return NULL;
}

void cffmpeg_packet_free(CFFmpegPacket *packet) {
    if (!packet) return;
    av_packet_free(&packet->packet);
    av_free(packet);
}

int cffmpeg_packet_stream(const CFFmpegPacket *packet) { return packet->packet->stream_index; }

bool cffmpeg_packet_is_key(const CFFmpegPacket *packet) { return packet->packet->flags & AV_PKT_FLAG_KEY; }

double cffmpeg_packet_time(const CFFmpegInput *input, const CFFmpegPacket *packet) {
    const AVPacket *p = packet->packet;
    int64_t time = p->pts == AV_NOPTS_VALUE ? p->dts : p->pts;
    return cffmpeg_seconds(time, input->format->streams[p->stream_index]->time_base, input->format->start_time);
}

double cffmpeg_packet_end(const CFFmpegInput *input, const CFFmpegPacket *packet) {
    const AVPacket *p = packet->packet;
    double time = cffmpeg_packet_time(input, packet);
    return p->duration > 0 ? time + cffmpeg_seconds(p->duration, input->format->streams[p->stream_index]->time_base, 0) : time;
}

#endif
