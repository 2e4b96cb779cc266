internal import CFFmpeg

/// How well a picture would represent its video, 0…1, by its brightness alone, on a small copy of it.
///
/// score = √(contrast × sharpness) × exposure, where
/// - contrast is the standard deviation of brightness, full at 64 of 255;
/// - sharpness is the mean absolute Laplacian (4 × pixel − its neighbours), full at 32;
/// - exposure is the share of pixels that are neither nearly black (< 24) nor nearly white (> 240), squared.
///
/// So black, white and flat pictures score 0, blurred and dark ones little.
struct FrameScore {
    /// Size of the copy's longer side that the constants above are made for.
    static let dimension = 256

    /// Scores rows of 8-bit brightness; `stride` is at least `width`. Pictures under 3 × 3 score 0.
    static func score(_ pixels: [UInt8], width: Int, height: Int, stride: Int) -> Double {
        guard width >= 3, height >= 3, stride >= width, pixels.count >= stride * (height - 1) + width else { return 0 }
        var sum = 0
        var squares = 0
        var clipped = 0
        var edges = 0
        for row in 0..<height {
            for column in 0..<width {
                let position = row * stride + column
                let value = Int(pixels[position])
                sum += value
                squares += value * value
                if value < 24 || value > 240 { clipped += 1 }
                guard row > 0, row < height - 1, column > 0, column < width - 1 else { continue }
                let across = Int(pixels[position - 1]) + Int(pixels[position + 1])
                let along = Int(pixels[position - stride]) + Int(pixels[position + stride])
                edges += abs(4 * value - across - along)
            }
        }
        let count = Double(width * height)
        let mean = Double(sum) / count
        let deviation = max(Double(squares) / count - mean * mean, 0).squareRoot()
        let contrast = min(deviation / 64, 1)
        let sharpness = min(Double(edges) / Double((width - 2) * (height - 2)) / 32, 1)
        let exposed = 1 - Double(clipped) / count
        return (contrast * sharpness).squareRoot() * exposed * exposed
    }
}

extension VideoFrame {
    /// How well this frame would represent its video; see ``FrameScore``.
    func score() throws(MediaError) -> Double {
        let info = info
        guard info.width > 0, info.height > 0 else { return 0 }
        let scale = Double(FrameScore.dimension) / Double(max(info.width, info.height))
        let width = max(1, Int((Double(info.width) * scale).rounded()))
        let height = max(1, Int((Double(info.height) * scale).rounded()))
        let gray = try pixels(CFFMPEG_GRAY8, width: width, height: height)
        return FrameScore.score(gray.bytes, width: width, height: height, stride: gray.stride)
    }
}
