// What MediaEngine needs of libvips, without naming a type of it. Every function is safe to call when libvips was missing
// at build time: `cvips_start` then returns CVIPS_MISSING and nothing else may be called.
//
// An image is owned by one thread at a time. Functions that return an image return a new reference, or NULL with the
// library's text in `error`. Nothing is computed before `cvips_image_compute`, `cvips_smart_crop` or a save.
#ifndef CVIPS_H
#define CVIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CVIPS_ERROR_LENGTH 512

typedef struct CVipsImage CVipsImage;

typedef struct {
    char text[CVIPS_ERROR_LENGTH];
} CVipsError;

typedef enum { CVIPS_OK = 0, CVIPS_FAILED = 1, CVIPS_MISSING = 2 } CVipsStatus;

typedef enum {
    CVIPS_JPEG = 0,
    CVIPS_PNG = 1,
    CVIPS_WEBP = 2,
    CVIPS_GIF = 3,
    CVIPS_TIFF = 4,
    CVIPS_HEIF = 5,
} CVipsFormat;

typedef struct {
    int width;
    int height;  // of all frames together when several were opened
    int bands;
    int pages;
    int page_height;
    int orientation;  // EXIF, 1...8
    bool is_multiscan;
    bool has_alpha;
    bool has_profile;
    bool is_cmyk;
    bool is_srgb8;  // 8 bits, three colours or three and alpha, interpreted as sRGB
} CVipsInfo;

// Called now and then while pixels are computed, on any thread; returning false stops the computation, which then fails.
typedef bool (*CVipsContinue)(void *context, int percent);

typedef struct {
    CVipsContinue should_continue;
    void *context;
} CVipsWatch;

// Sets libvips up, once for the process: `threads` for each computation, no operation cache, no loader but the six formats
// above. Not to be called twice at once.
CVipsStatus cvips_start(int threads, CVipsError *error);
// libvips 8.14 computes on with black where a tile cannot be allocated or computed, and only warns. So its warnings are
// counted, for the whole process; `quiet` keeps them from standard error. To be called once, after `cvips_start`.
void cvips_count_warnings(bool quiet);
int cvips_memory_warnings(void);
int cvips_tile_warnings(void);
// Frees what libvips keeps for the calling thread; to be called before a thread that used it ends.
void cvips_thread_end(void);

// Opens with the loader of exactly that format; reads the header only. `shrink`: 1, 2, 4, 8; only JPEG
// and WebP can. `frames`: frames to read, for GIF and WebP. Damage in the file makes the computation fail.
CVipsImage *cvips_open(const char *path, CVipsFormat format, int shrink, int frames, CVipsError *error);
// Copies width x height pixels of `bands` (3, 4) 8-bit sRGB samples.
CVipsImage *cvips_from_pixels(const void *pixels, int width, int height, int stride, int bands, CVipsError *error);
void cvips_release(CVipsImage *image);
void cvips_info(CVipsImage *image, CVipsInfo *info);

CVipsImage *cvips_resize(CVipsImage *image, int width, int height, CVipsError *error);
// To 8-bit sRGB with three colours, alpha kept, through the embedded profile where there is a usable one.
CVipsImage *cvips_to_srgb(CVipsImage *image, CVipsError *error);
CVipsImage *cvips_autorotate(CVipsImage *image, CVipsError *error);
// Keeps the pixels and forgets every field: EXIF, XMP, IPTC, profile, thumbnail, comments.
CVipsImage *cvips_forget_metadata(CVipsImage *image, CVipsError *error);
// Computes all pixels into memory, once.
CVipsImage *cvips_compute(CVipsImage *image, CVipsWatch watch, CVipsError *error);

CVipsImage *cvips_crop(CVipsImage *image, int left, int top, int width, int height, CVipsError *error);
// Where a crop of that size is most interesting: by attention, or else by entropy.
CVipsStatus cvips_find_crop(
    CVipsImage *image, int width, int height, bool by_attention, int *left, int *top, CVipsError *error);
// Adds a border of an opaque colour.
CVipsImage *cvips_pad(
    CVipsImage *image, int left, int top, int width, int height, const double color[3], CVipsError *error);
CVipsImage *cvips_flatten(CVipsImage *image, const double color[3], CVipsError *error);
CVipsImage *cvips_sharpen(CVipsImage *image, double sigma, CVipsError *error);
// Stacks frames of one size into an animation; `delays` in milliseconds, one per frame; `loop` 0 is for ever.
CVipsImage *cvips_animation(
    CVipsImage *const *frames, int count, const int *delays, int loop, CVipsError *error);
// Copies up to `capacity` frame delays in milliseconds, returns how many there are; `loop` gets the repeat count.
int cvips_delays(CVipsImage *image, int *delays, int capacity, int *loop);

// Writes a whole file without metadata. Only JPEG, PNG, WEBP and HEIF (as AVIF). `effort`: 0...6 WebP, 0...9 AVIF and PNG.
CVipsStatus cvips_save(
    CVipsImage *image, const char *path, CVipsFormat format, int quality, int effort, CVipsWatch watch,
    CVipsError *error);
// Encodes as WebP into memory that the caller frees with `cvips_free`.
CVipsStatus cvips_save_webp(CVipsImage *image, int quality, void **bytes, size_t *length, CVipsError *error);
// Copies the pixels as packed 8-bit samples into memory that the caller frees with `cvips_free`.
CVipsStatus cvips_pixels(CVipsImage *image, void **bytes, size_t *length, CVipsError *error);
void cvips_free(void *bytes);

#endif
