extension ImagePreset {
    /// Finds out whether the preset makes sense at all, before any file is opened.
    ///
    /// - Throws: `invalidJob`, saying which variant and what is wrong.
    public func validate() throws(MediaError) {
        guard !variants.isEmpty else { throw MediaError(.invalidJob, "The preset has no variants.") }
        guard variants.count <= 64 else { throw MediaError(.invalidJob, "The preset has more than 64 variants.") }
        var names: Set<String> = []
        for variant in variants {
            try variant.validate()
            guard names.insert(variant.name).inserted else {
                throw MediaError(.invalidJob, "Two variants are called '\(variant.name)'.")
            }
        }
        switch placeholder {
        case .blurHash(let x, let y) where !(1...9).contains(x) || !(1...9).contains(y):
            throw MediaError(.invalidJob, "A BlurHash has 1 to 9 components each way.")
        case .dataURL(let size) where !(4...64).contains(size):
            throw MediaError(.invalidJob, "A data URL placeholder is 4 to 64 pixels large.")
        default: break
        }
    }
}

extension ImageVariant {
    fileprivate func validate() throws(MediaError) {
        let allowed = name.unicodeScalars.allSatisfy { character in
            switch character {
            case "0"..."9", "a"..."z", "A"..."Z", "-", "_": true
            default: false
            }
        }
        guard allowed, (1...64).contains(name.utf8.count) else {
            throw MediaError(.invalidJob, "A variant's name has 1 to 64 letters, digits, '-' and '_'.")
        }
        func refuse(_ what: String) -> MediaError { MediaError(.invalidJob, "Variant '\(name)': \(what)") }
        for side in [width, height].compactMap(\.self) where !(1...16_383).contains(side) {
            throw refuse("width and height lie between 1 and 16383.")
        }
        guard !formats.isEmpty, Set(formats).count == formats.count else {
            throw refuse("at least one format, and each only once.")
        }
        if let quality, !(1...100).contains(quality) { throw refuse("quality lies between 1 and 100.") }
        guard (0...2).contains(sharpen) else { throw refuse("sharpen lies between 0 and 2.") }
        if case .focalPoint(let x, let y) = crop, !((0...1).contains(x) && (0...1).contains(y)) {
            throw refuse("a focal point lies between 0 and 1.")
        }
        if case .keep(let maxFrames) = animation, maxFrames < 1 {
            throw refuse("at least one frame is kept.")
        }
    }
}
