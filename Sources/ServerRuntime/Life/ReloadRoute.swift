extension AdminRoute {
  /// `POST /-/reload`: what SIGHUP does, with the outcome as the answer.
  public static func reload(_ reloads: Reloads) -> AdminRoute {
    AdminRoute(.post, "/-/reload", name: "reload") { _ in
      let failures = await reloads.run()
      return failures.isEmpty
        ? AdminResponse(text: "reloaded\n")
        : AdminResponse(status: 500, text: failures.joined(separator: "\n") + "\n")
    }
  }
}
