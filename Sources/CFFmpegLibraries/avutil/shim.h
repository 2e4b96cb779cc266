// Names nothing: this module only carries pkg-config's flags for libavutil, where they are found, to the CFFmpeg target.
