// Names nothing: this module only carries pkg-config's flags for libvips, where they are found, to the CVips target.
