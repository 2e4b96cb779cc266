/// How coded pictures become shown ones: turned and mirrored by the display matrix, stretched to square pixels.
struct DisplayGeometry: Equatable {
    /// Rows become columns.
    var swapsAxes = false
    /// Left and right change places, seen after the swap.
    var flipsHorizontally = false
    /// Top and bottom change places, seen after the swap.
    var flipsVertically = false
    /// Width of a coded pixel in heights of it.
    var pixelAspect = 1.0

    /// As coded, so shown.
    init() {}

    /// From a display matrix as in the file (rows of a b u, c d v, x y w; a point goes to ax + cy, bx + dy), turned to the
    /// nearest quarter, and the aspect of a pixel. An aspect beyond 1:16 is taken for nonsense.
    init(matrix: [Int32]?, aspectNumerator: Int32, aspectDenominator: Int32) {
        if aspectNumerator > 0, aspectDenominator > 0 {
            let aspect = Double(aspectNumerator) / Double(aspectDenominator)
            if (1.0 / 16...16).contains(aspect) { pixelAspect = aspect }
        }
        guard let matrix, matrix.count == 9 else { return }
        let (a, b, c, d) = (Int64(matrix[0]), Int64(matrix[1]), Int64(matrix[3]), Int64(matrix[4]))
        swapsAxes = abs(b) + abs(c) > abs(a) + abs(d)
        flipsHorizontally = (swapsAxes ? c : a) < 0
        flipsVertically = (swapsAxes ? b : d) < 0
    }

    /// The turn in it, clockwise: 0, 90, 180 or 270 degrees. A mirrored picture's is that of its upper edge.
    var rotation: Int {
        if swapsAxes { return flipsVertically ? 270 : 90 }
        return flipsHorizontally ? 180 : 0
    }

    var isIdentity: Bool { !swapsAxes && !flipsHorizontally && !flipsVertically }

    /// Shown size of a coded picture.
    func displaySize(width: Int, height: Int) -> (width: Int, height: Int) {
        let wide = max(1, Int((Double(width) * pixelAspect).rounded()))
        return swapsAxes ? (height, wide) : (wide, height)
    }

    /// Turns and mirrors packed rows. `bytes` has rows of `stride` bytes; the result has rows without padding, and sizes as
    /// shown; empty when the sizes do not fit. Stops early, with what it has, when `shouldStop`.
    func apply(
        to bytes: [UInt8],
        width: Int,
        height: Int,
        stride: Int,
        bytesPerPixel: Int,
        shouldStop: () -> Bool = { false }
    ) -> [UInt8] {
        guard width > 0, height > 0, stride >= width * bytesPerPixel,
            bytes.count >= stride * (height - 1) + width * bytesPerPixel
        else { return [] }
        let (outWidth, outHeight) = swapsAxes ? (height, width) : (width, height)
        // Where a step to the right, and a step down, in the result leads in the source.
        let (right, down) = swapsAxes ? (stride, bytesPerPixel) : (bytesPerPixel, stride)
        let stepRight = flipsHorizontally ? -right : right
        let stepDown = flipsVertically ? -down : down
        let start = (flipsHorizontally ? right * (outWidth - 1) : 0) + (flipsVertically ? down * (outHeight - 1) : 0)
        return [UInt8](unsafeUninitializedCapacity: outWidth * outHeight * bytesPerPixel) { target, count in
            count = 0
            bytes.withUnsafeBufferPointer { source in
                for row in 0..<outHeight {
                    if row % 64 == 0, shouldStop() { break }
                    var position = start + row * stepDown
                    for _ in 0..<outWidth {
                        for sample in 0..<bytesPerPixel { target[count + sample] = source[position + sample] }
                        count += bytesPerPixel
                        position += stepRight
                    }
                }
            }
        }
    }
}
