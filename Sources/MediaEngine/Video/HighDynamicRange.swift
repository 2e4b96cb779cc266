#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A transfer function of high dynamic range, and how its pictures are brought into sRGB.
///
/// The mapping is simple and documented rather than mastered: linear light is scaled so that the reference white of 203 cd/m²
/// (BT.2408) becomes 1; up to 0.6 it stays as it is, and above rolls off towards 1 by the strongest of the three
/// colours, so hues stay; BT.2020 primaries are turned into BT.709's, and what lies outside is clipped. HLG's system gamma of 1.2
/// (a display of 1000 cd/m²) is applied to each colour by itself.
enum HighDynamicRange: String {
    /// Perceptual quantizer, SMPTE ST 2084.
    case hdr10
    /// Hybrid log-gamma, ARIB STD-B67.
    case hlg

    /// From FFmpeg's name of a transfer function.
    init?(transfer: String?) {
        switch transfer {
        case "smpte2084": self = .hdr10
        case "arib-std-b67": self = .hlg
        default: return nil
        }
    }

    private static let referenceWhite = 203.0
    private static let knee: Float = 0.6

    /// Light of a coded value (0…1), in units of reference white.
    func light(_ value: Double) -> Double {
        switch self {
        case .hdr10:
            let power = pow(value, 32 / 2523.0)
            let light = pow(max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power), 8192 / 1305.0)
            return light * 10_000 / Self.referenceWhite
        case .hlg:
            let scene = value <= 0.5 ? value * value / 3 : (exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12
            return pow(scene, 1.2) * 1000 / Self.referenceWhite
        }
    }

    /// Brings rows of 16-bit RGB into packed 8-bit sRGB. `stride` counts samples. Stops early, with black for the rest, when
    /// `shouldStop`.
    func toneMap(
        _ samples: [UInt16],
        width: Int,
        height: Int,
        stride: Int,
        isWideGamut: Bool,
        shouldStop: () -> Bool = { false }
    ) -> [UInt8] {
        let light = (0..<4096).map { Float(self.light(Double($0) / 4095)) }
        let encode = Self.sRGB
        var result = [UInt8](repeating: 0, count: width * height * 3)
        for row in 0..<height {
            if row % 16 == 0, shouldStop() { break }
            for column in 0..<width {
                let source = row * stride + column * 3
                var red = light[Int(samples[source] >> 4)]
                var green = light[Int(samples[source + 1] >> 4)]
                var blue = light[Int(samples[source + 2] >> 4)]
                if isWideGamut { (red, green, blue) = Self.narrowed(red, green, blue) }
                let peak = max(red, green, blue)
                let scale = peak > Self.knee ? Self.rolledOff(peak) / peak : 1
                let target = (row * width + column) * 3
                result[target] = encode[Int(min(max(red * scale, 0), 1) * 4095)]
                result[target + 1] = encode[Int(min(max(green * scale, 0), 1) * 4095)]
                result[target + 2] = encode[Int(min(max(blue * scale, 0), 1) * 4095)]
            }
        }
        return result
    }

    private static func rolledOff(_ light: Float) -> Float {
        let excess = light - knee
        return knee + (1 - knee) * excess / (excess + 1 - knee)
    }

    /// BT.2020 to BT.709 (BT.2087).
    private static func narrowed(_ red: Float, _ green: Float, _ blue: Float) -> (Float, Float, Float) {
        (
            1.6605 * red - 0.5876 * green - 0.0728 * blue,
            -0.1246 * red + 1.1329 * green - 0.0083 * blue,
            -0.0182 * red - 0.1006 * green + 1.1187 * blue
        )
    }

    private static let sRGB: [UInt8] = (0..<4096).map { index in
        let light = Double(index) / 4095
        let value = light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055
        return UInt8((value * 255).rounded())
    }
}
