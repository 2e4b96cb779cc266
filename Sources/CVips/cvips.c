#include "cvips.h"

#include <string.h>

#if defined(__has_include)
#if __has_include(<vips/vips.h>) && __has_include(<glib.h>)
#define CVIPS_AVAILABLE 1
#endif
#endif

static void set_error(CVipsError *error, const char *text) {
    strncpy(error->text, text, CVIPS_ERROR_LENGTH - 1);
    error->text[CVIPS_ERROR_LENGTH - 1] = 0;
}

#ifdef CVIPS_AVAILABLE

#include <vips/vips.h>

// libvips' error buffer is one for the whole process: several jobs may write to it at once, so that a text can be another
// job's. It is cut to the newest lines and only used to explain, never to decide.
static CVipsStatus fail(CVipsError *error) {
    char *text = vips_error_buffer_copy();
    size_t length = strlen(text);
    set_error(error, length < CVIPS_ERROR_LENGTH ? text : text + (length - CVIPS_ERROR_LENGTH + 1));
    g_free(text);
    return CVIPS_FAILED;
}

static VipsImage *in(CVipsImage *image) { return (VipsImage *)image; }
static CVipsImage *out(VipsImage *image) { return (CVipsImage *)image; }

static CVipsImage *result(int status, VipsImage *image, CVipsError *error) {
    if (status == 0) return out(image);
    fail(error);
    if (image) g_object_unref(image);
    return NULL;
}

CVipsStatus cvips_start(int threads, CVipsError *error) {
    if (vips_init("media-engine")) return fail(error);
    vips_concurrency_set(threads);
    vips_cache_set_max(0);
    vips_cache_set_max_mem(0);
    vips_cache_set_max_files(0);
    vips_block_untrusted_set(TRUE);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    static const char *const allowed[] = {
        "VipsForeignLoadJpeg", "VipsForeignLoadPng",  "VipsForeignLoadWebp",
        "VipsForeignLoadNsgif", "VipsForeignLoadTiff", "VipsForeignLoadHeif",
    };
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) vips_operation_block_set(allowed[i], FALSE);
    return CVIPS_OK;
}

static gint memory_warnings, tile_warnings, warnings_are_quiet;

static void on_warning(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer unused) {
    if (message && strstr(message, "out of memory")) g_atomic_int_inc(&memory_warnings);
    if (message && strstr(message, "error in tile")) g_atomic_int_inc(&tile_warnings);
    if (!g_atomic_int_get(&warnings_are_quiet)) g_log_default_handler(domain, level, message, unused);
}

void cvips_count_warnings(bool quiet) {
    g_atomic_int_set(&warnings_are_quiet, quiet);
    g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, on_warning, NULL);
}

int cvips_memory_warnings(void) { return g_atomic_int_get(&memory_warnings); }
int cvips_tile_warnings(void) { return g_atomic_int_get(&tile_warnings); }

void cvips_thread_end(void) { vips_thread_shutdown(); }

CVipsImage *cvips_open(const char *path, CVipsFormat format, int shrink, int frames, CVipsError *error) {
    VipsSource *source = vips_source_new_from_file(path);
    if (!source) {
        fail(error);
        return NULL;
    }
    VipsImage *image = NULL;
    int status = -1;
    // `access` and `fail_on` alike for all: rows are read once from the top, and damage fails instead of going grey.
#define COMMON "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR
    switch (format) {
        case CVIPS_JPEG:
            status = vips_jpegload_source(source, &image, "shrink", shrink, COMMON, NULL);
            break;
        case CVIPS_PNG:
            status = vips_pngload_source(source, &image, COMMON, NULL);
            break;
        case CVIPS_WEBP:
            status = vips_webpload_source(source, &image, "n", frames, "scale", 1.0 / shrink, COMMON, NULL);
            break;
        case CVIPS_GIF:
            status = vips_gifload_source(source, &image, "n", frames, COMMON, NULL);
            break;
        case CVIPS_TIFF:
            status = vips_tiffload_source(source, &image, COMMON, NULL);
            break;
        case CVIPS_HEIF:
            status = vips_heifload_source(source, &image, COMMON, NULL);
            break;
    }
#undef COMMON
    g_object_unref(source);
    return result(status, image, error);
}

CVipsImage *cvips_from_pixels(const void *pixels, int width, int height, int stride, int bands, CVipsError *error) {
    size_t row = (size_t)width * bands;
    unsigned char *packed = g_try_malloc(row * height);
    if (!packed) {
        set_error(error, "out of memory");
        return NULL;
    }
    for (int y = 0; y < height; y++) memcpy(packed + row * y, (const char *)pixels + (size_t)stride * y, row);
    VipsImage *view =
        vips_image_new_from_memory(packed, row * height, width, height, bands, VIPS_FORMAT_UCHAR);
    VipsImage *copy = NULL;
    int status = view ? vips_copy(view, &copy, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) : -1;
    VipsImage *memory = status == 0 ? vips_image_copy_memory(copy) : NULL;
    // `copy_memory` may return the view itself, so the pixels live until the image is closed.
    if (memory) {
        g_signal_connect_swapped(memory, "postclose", G_CALLBACK(g_free), packed);
    }
    if (copy) g_object_unref(copy);
    if (view) g_object_unref(view);
    if (!memory) g_free(packed);
    return result(memory ? 0 : -1, memory, error);
}

void cvips_release(CVipsImage *image) { g_object_unref(in(image)); }

void cvips_info(CVipsImage *image, CVipsInfo *info) {
    VipsImage *i = in(image);
    int multiscan = 0;
    if (vips_image_get_typeof(i, "jpeg-multiscan")) vips_image_get_int(i, "jpeg-multiscan", &multiscan);
    VipsInterpretation interpretation = vips_image_guess_interpretation(i);
    info->width = vips_image_get_width(i);
    info->height = vips_image_get_height(i);
    info->bands = vips_image_get_bands(i);
    info->pages = vips_image_get_n_pages(i);
    info->page_height = vips_image_get_page_height(i);
    info->orientation = vips_image_get_orientation(i);
    info->is_multiscan = multiscan != 0;
    info->has_alpha = vips_image_hasalpha(i);
    info->has_profile = vips_image_get_typeof(i, VIPS_META_ICC_NAME) != 0;
    info->is_cmyk = interpretation == VIPS_INTERPRETATION_CMYK;
    info->is_srgb8 = interpretation == VIPS_INTERPRETATION_sRGB && i->BandFmt == VIPS_FORMAT_UCHAR &&
        i->Bands == (info->has_alpha ? 4 : 3);
    vips_error_clear();
}

CVipsImage *cvips_resize(CVipsImage *image, int width, int height, CVipsError *error) {
    VipsImage *i = in(image);
    VipsImage *scaled = NULL;
    double across = (double)width / i->Xsize, down = (double)height / i->Ysize;
    if (!vips_image_hasalpha(i)) {
        int status = vips_resize(i, &scaled, across, "vscale", down, NULL);
        return result(status, scaled, error);
    }
    // Colours of transparent pixels must not bleed into visible ones: scale premultiplied, and in the same sample type.
    VipsImage *steps[4] = {NULL, NULL, NULL, NULL};
    int status = vips_premultiply(i, &steps[0], NULL) ||
        vips_resize(steps[0], &steps[1], across, "vscale", down, NULL) ||
        vips_unpremultiply(steps[1], &steps[2], NULL) || vips_cast(steps[2], &steps[3], i->BandFmt, NULL);
    for (int n = 0; n < 3; n++)
        if (steps[n]) g_object_unref(steps[n]);
    return result(status, steps[3], error);
}

CVipsImage *cvips_to_srgb(CVipsImage *image, CVipsError *error) {
    VipsImage *i = in(image);
    VipsImage *converted = NULL;
    CVipsInfo info;
    cvips_info(image, &info);
    if (info.has_profile || info.is_cmyk) {
        // The built-in CMYK profile stands in where none is embedded; a profile that does not fit the pixels is ignored.
        int status = info.is_cmyk
            ? vips_icc_transform(i, &converted, "srgb", "embedded", TRUE, "input_profile", "cmyk", "intent",
                                 VIPS_INTENT_PERCEPTUAL, "depth", 8, NULL)
            : vips_icc_transform(i, &converted, "srgb", "embedded", TRUE, "intent", VIPS_INTENT_PERCEPTUAL, "depth",
                                 8, NULL);
        if (status == 0) return out(converted);
        if (converted) g_object_unref(converted);
        converted = NULL;
        vips_error_clear();
    }
    if (info.is_srgb8) {
        g_object_ref(i);
        return image;
    }
    int status = vips_colourspace(i, &converted, VIPS_INTERPRETATION_sRGB, NULL);
    return result(status, converted, error);
}

CVipsImage *cvips_autorotate(CVipsImage *image, CVipsError *error) {
    VipsImage *upright = NULL;
    int status = vips_autorot(in(image), &upright, NULL);
    return result(status, upright, error);
}

CVipsImage *cvips_forget_metadata(CVipsImage *image, CVipsError *error) {
    VipsImage *copy = NULL;
    if (vips_copy(in(image), &copy, "xres", 1.0, "yres", 1.0, NULL)) return result(-1, copy, error);
    gchar **fields = vips_image_get_fields(copy);
    // Fields of the image's own structure (width, …) cannot be removed; that is not an error.
    for (gchar **field = fields; field && *field; field++) vips_image_remove(copy, *field);
    g_strfreev(fields);
    return out(copy);
}

typedef struct {
    CVipsWatch watch;
} Watching;

static void on_eval(VipsImage *image, VipsProgress *progress, Watching *watching) {
    int percent = progress ? progress->percent : 0;
    if (!watching->watch.should_continue(watching->watch.context, percent)) vips_image_set_kill(image, TRUE);
}

// Signals reach an image that was marked; the marked one is a copy, since the original may serve other computations.
static VipsImage *watched(CVipsImage *image, Watching *watching) {
    VipsImage *copy = NULL;
    if (vips_copy(in(image), &copy, NULL)) return NULL;
    if (watching->watch.should_continue) {
        vips_image_set_progress(copy, TRUE);
        g_signal_connect(copy, "eval", G_CALLBACK(on_eval), watching);
    }
    return copy;
}

CVipsImage *cvips_compute(CVipsImage *image, CVipsWatch watch, CVipsError *error) {
    Watching watching = {watch};
    VipsImage *copy = watched(image, &watching);
    VipsImage *memory = copy ? vips_image_copy_memory(copy) : NULL;
    CVipsImage *answer = result(memory ? 0 : -1, memory, error);
    if (copy) {
        vips_image_set_progress(copy, FALSE);
        g_signal_handlers_disconnect_by_data(copy, &watching);
        g_object_unref(copy);
    }
    return answer;
}

CVipsImage *cvips_crop(CVipsImage *image, int left, int top, int width, int height, CVipsError *error) {
    VipsImage *part = NULL;
    int status = vips_extract_area(in(image), &part, left, top, width, height, NULL);
    return result(status, part, error);
}

CVipsStatus cvips_find_crop(
    CVipsImage *image, int width, int height, bool by_attention, int *left, int *top, CVipsError *error) {
    VipsImage *part = NULL;
    VipsInteresting by = by_attention ? VIPS_INTERESTING_ATTENTION : VIPS_INTERESTING_ENTROPY;
    if (vips_smartcrop(in(image), &part, width, height, "interesting", by, NULL)) {
        if (part) g_object_unref(part);
        return fail(error);
    }
    *left = -vips_image_get_xoffset(part);
    *top = -vips_image_get_yoffset(part);
    g_object_unref(part);
    return CVIPS_OK;
}

static VipsArrayDouble *background(VipsImage *image, const double color[3]) {
    double values[4] = {color[0], color[1], color[2], 255};
    return vips_array_double_new(values, vips_image_hasalpha(image) ? 4 : 3);
}

CVipsImage *cvips_pad(
    CVipsImage *image, int left, int top, int width, int height, const double color[3], CVipsError *error) {
    VipsImage *padded = NULL;
    VipsArrayDouble *values = background(in(image), color);
    int status = vips_embed(in(image), &padded, left, top, width, height, "extend", VIPS_EXTEND_BACKGROUND,
                            "background", values, NULL);
    vips_area_unref(VIPS_AREA(values));
    return result(status, padded, error);
}

CVipsImage *cvips_flatten(CVipsImage *image, const double color[3], CVipsError *error) {
    VipsImage *flat = NULL;
    if (!vips_image_hasalpha(in(image))) {
        g_object_ref(in(image));
        return image;
    }
    VipsArrayDouble *values = vips_array_double_new(color, 3);
    int status = vips_flatten(in(image), &flat, "background", values, NULL);
    vips_area_unref(VIPS_AREA(values));
    return result(status, flat, error);
}

CVipsImage *cvips_sharpen(CVipsImage *image, double sigma, CVipsError *error) {
    VipsImage *sharp = NULL;
    int status = vips_sharpen(in(image), &sharp, "sigma", sigma, NULL);
    return result(status, sharp, error);
}

CVipsImage *cvips_animation(CVipsImage *const *frames, int count, const int *delays, int loop, CVipsError *error) {
    VipsImage *joined = NULL, *stacked = NULL;
    if (vips_arrayjoin((VipsImage **)frames, &joined, count, "across", 1, NULL)) return result(-1, joined, error);
    int status = vips_copy(joined, &stacked, NULL);
    if (status == 0) {
        vips_image_set_int(stacked, VIPS_META_PAGE_HEIGHT, in(frames[0])->Ysize);
        vips_image_set_int(stacked, VIPS_META_N_PAGES, count);
        vips_image_set_array_int(stacked, "delay", delays, count);
        vips_image_set_int(stacked, "loop", loop);
    }
    g_object_unref(joined);
    return result(status, stacked, error);
}

int cvips_delays(CVipsImage *image, int *delays, int capacity, int *loop) {
    int *values = NULL, count = 0;
    *loop = 0;
    if (vips_image_get_typeof(in(image), "loop")) vips_image_get_int(in(image), "loop", loop);
    if (vips_image_get_typeof(in(image), "delay") &&
        vips_image_get_array_int(in(image), "delay", &values, &count) == 0) {
        for (int n = 0; n < count && n < capacity; n++) delays[n] = values[n];
    }
    vips_error_clear();
    return count;
}

CVipsStatus cvips_save(
    CVipsImage *image, const char *path, CVipsFormat format, int quality, int effort, CVipsWatch watch,
    CVipsError *error) {
    Watching watching = {watch};
    VipsImage *copy = watched(image, &watching);
    if (!copy) return fail(error);
    int status = -1;
    switch (format) {
        case CVIPS_JPEG:
            status = vips_jpegsave(copy, path, "Q", quality, "strip", TRUE, NULL);
            break;
        case CVIPS_PNG:
            status = vips_pngsave(copy, path, "compression", effort, "strip", TRUE, NULL);
            break;
        case CVIPS_WEBP:
            status = vips_webpsave(copy, path, "Q", quality, "effort", effort, "strip", TRUE, NULL);
            break;
        case CVIPS_HEIF:
            status = vips_heifsave(copy, path, "Q", quality, "effort", effort, "bitdepth", 8, "compression",
                                   VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "strip", TRUE, NULL);
            break;
        default:
            vips_error("cvips", "%s", "no such output format");
    }
    if (status) fail(error);
    vips_image_set_progress(copy, FALSE);
    g_signal_handlers_disconnect_by_data(copy, &watching);
    g_object_unref(copy);
    return status ? CVIPS_FAILED : CVIPS_OK;
}

CVipsStatus cvips_save_webp(CVipsImage *image, int quality, void **bytes, size_t *length, CVipsError *error) {
    if (vips_webpsave_buffer(in(image), bytes, length, "Q", quality, "strip", TRUE, NULL)) return fail(error);
    return CVIPS_OK;
}

CVipsStatus cvips_pixels(CVipsImage *image, void **bytes, size_t *length, CVipsError *error) {
    *bytes = vips_image_write_to_memory(in(image), length);
    return *bytes ? CVIPS_OK : fail(error);
}

void cvips_free(void *bytes) { g_free(bytes); }

#else

CVipsStatus cvips_start(int threads, CVipsError *error) {
    set_error(error, "libvips was not there when this was built");
    return CVIPS_MISSING;
}
void cvips_thread_end(void) {}
void cvips_count_warnings(bool quiet) {}
int cvips_memory_warnings(void) { return 0; }
int cvips_tile_warnings(void) { return 0; }

// None of these is reached: `cvips_start` failed first.
static CVipsImage *none(CVipsError *error) {
    set_error(error, "libvips is missing");
    return NULL;
}
static CVipsStatus missing(CVipsError *error) {
    set_error(error, "libvips is missing");
    return CVIPS_MISSING;
}
CVipsImage *cvips_open(const char *path, CVipsFormat format, int shrink, int frames, CVipsError *error) {
    return none(error);
}
CVipsImage *cvips_from_pixels(const void *pixels, int width, int height, int stride, int bands, CVipsError *error) {
    return none(error);
}
void cvips_release(CVipsImage *image) {}
void cvips_info(CVipsImage *image, CVipsInfo *info) { memset(info, 0, sizeof(*info)); }
CVipsImage *cvips_resize(CVipsImage *image, int width, int height, CVipsError *error) { return none(error); }
CVipsImage *cvips_to_srgb(CVipsImage *image, CVipsError *error) { return none(error); }
CVipsImage *cvips_autorotate(CVipsImage *image, CVipsError *error) { return none(error); }
CVipsImage *cvips_forget_metadata(CVipsImage *image, CVipsError *error) { return none(error); }
CVipsImage *cvips_compute(CVipsImage *image, CVipsWatch watch, CVipsError *error) { return none(error); }
CVipsImage *cvips_crop(CVipsImage *image, int left, int top, int width, int height, CVipsError *error) {
    return none(error);
}
CVipsStatus cvips_find_crop(
    CVipsImage *image, int width, int height, bool by_attention, int *left, int *top, CVipsError *error) {
    return missing(error);
}
CVipsImage *cvips_pad(
    CVipsImage *image, int left, int top, int width, int height, const double color[3], CVipsError *error) {
    return none(error);
}
CVipsImage *cvips_flatten(CVipsImage *image, const double color[3], CVipsError *error) { return none(error); }
CVipsImage *cvips_sharpen(CVipsImage *image, double sigma, CVipsError *error) { return none(error); }
CVipsImage *cvips_animation(CVipsImage *const *frames, int count, const int *delays, int loop, CVipsError *error) {
    return none(error);
}
int cvips_delays(CVipsImage *image, int *delays, int capacity, int *loop) { return 0; }
CVipsStatus cvips_save(
    CVipsImage *image, const char *path, CVipsFormat format, int quality, int effort, CVipsWatch watch,
    CVipsError *error) {
    return missing(error);
}
CVipsStatus cvips_save_webp(CVipsImage *image, int quality, void **bytes, size_t *length, CVipsError *error) {
    return missing(error);
}
CVipsStatus cvips_pixels(CVipsImage *image, void **bytes, size_t *length, CVipsError *error) {
    return missing(error);
}
void cvips_free(void *bytes) {}

#endif
