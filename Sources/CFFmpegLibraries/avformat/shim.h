// Names nothing: this module only carries pkg-config's flags for libavformat, where they are found, to the CFFmpeg target.
