# What the renderer of view nodes says.
