// The plug-ins are products of the dependencies; this target only pulls them in.
