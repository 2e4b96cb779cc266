// libvips shim
