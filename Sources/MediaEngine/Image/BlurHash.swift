#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#endif

/// Encodes a [BlurHash](https://github.com/woltapp/blurhash/blob/master/Algorithm.md): the first few terms of a cosine
/// transform of the picture's linear light, written in base 83.
enum BlurHash {
    /// The hash of packed RGB samples (sRGB). `x` and `y` are the numbers of components, 1…9 each.
    ///
    /// The cost is pixels × components, so callers pass a picture of some 32 pixels.
    static func encode(rgb: [UInt8], width: Int, height: Int, x: Int, y: Int) -> String? {
        guard (1...9).contains(x), (1...9).contains(y), width > 0, height > 0, rgb.count >= width * height * 3 else {
            return nil
        }
        let linear = rgb.prefix(width * height * 3).map { linearLight[Int($0)] }
        var factors: [(Double, Double, Double)] = []
        for j in 0..<y {
            for i in 0..<x { factors.append(factor(linear, width: width, height: height, i: i, j: j)) }
        }

        var hash = base83(x - 1 + (y - 1) * 9, digits: 1)
        let alternating = factors.dropFirst().flatMap { [abs($0.0), abs($0.1), abs($0.2)] }
        var maximum = 1.0
        if let largest = alternating.max() {
            let quantised = min(max(Int((largest * 166 - 0.5).rounded(.down)), 0), 82)
            maximum = Double(quantised + 1) / 166
            hash += base83(quantised, digits: 1)
        } else {
            hash += base83(0, digits: 1)
        }
        let average = factors[0]
        hash += base83(sRGB(average.0) << 16 | sRGB(average.1) << 8 | sRGB(average.2), digits: 4)
        for value in factors.dropFirst() {
            let parts = [value.0, value.1, value.2].map { part in
                let root = copysign(abs(part / maximum).squareRoot(), part)
                return min(max(Int((root * 9 + 9.5).rounded(.down)), 0), 18)
            }
            hash += base83(parts[0] * 361 + parts[1] * 19 + parts[2], digits: 2)
        }
        return hash
    }

    private static func factor(
        _ linear: [Double],
        width: Int,
        height: Int,
        i: Int,
        j: Int
    ) -> (Double, Double, Double) {
        var sum = (0.0, 0.0, 0.0)
        let across = (0..<width).map { cos(Double.pi * Double(i * $0) / Double(width)) }
        for row in 0..<height {
            let down = cos(Double.pi * Double(j * row) / Double(height))
            for column in 0..<width {
                let basis = across[column] * down
                let at = (row * width + column) * 3
                sum.0 += basis * linear[at]
                sum.1 += basis * linear[at + 1]
                sum.2 += basis * linear[at + 2]
            }
        }
        let scale = (i == 0 && j == 0 ? 1.0 : 2.0) / Double(width * height)
        return (sum.0 * scale, sum.1 * scale, sum.2 * scale)
    }

    private static let linearLight: [Double] = (0...255).map { sample in
        let value = Double(sample) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    private static func sRGB(_ linear: Double) -> Int {
        let value = min(max(linear, 0), 1)
        return Int((value <= 0.0031308 ? value * 12.92 : 1.055 * pow(value, 1 / 2.4) - 0.055) * 255 + 0.5)
    }

    private static let alphabet = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
    )

    private static func base83(_ value: Int, digits: Int) -> String {
        var rest = value
        var text: [Character] = []
        for _ in 0..<digits {
            text.append(alphabet[rest % 83])
            rest /= 83
        }
        return String(text.reversed())
    }
}
