/// Decoded pixels in sRGB, upright, with square pixels: what the video side makes and the image side renders.
package struct PixelFrame: Sendable, Equatable {
    /// The order of the samples, 8 bits each.
    package enum Format: Sendable {
        /// Red, green, blue.
        case rgb8
        /// Red, green, blue, alpha (not premultiplied).
        case rgba8

        /// Bytes of one pixel.
        package var bytesPerPixel: Int { self == .rgb8 ? 3 : 4 }
    }

    /// Pixels per row.
    package let width: Int
    /// Rows.
    package let height: Int
    /// Bytes from one row to the next; at least `width` × bytes per pixel.
    package let stride: Int
    /// The order of the samples.
    package let format: Format
    /// The rows, top first.
    package let bytes: [UInt8]
    /// Seconds from the start of the video at which the frame is shown, where known.
    package let time: Double?

    /// Makes a frame; nil when the sizes do not fit the bytes.
    package init?(width: Int, height: Int, stride: Int, format: Format, bytes: [UInt8], time: Double? = nil) {
        guard width > 0, height > 0, width <= 1 << 20, height <= 1 << 20, stride >= width * format.bytesPerPixel,
            stride <= 1 << 24, bytes.count >= stride * (height - 1) + width * format.bytesPerPixel
        else { return nil }
        self.width = width
        self.height = height
        self.stride = stride
        self.format = format
        self.bytes = bytes
        self.time = time
    }
}
