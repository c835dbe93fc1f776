/// Where credentials are looked for, in this order.
enum CredentialSources {
  static func make(
    _ configuration: S3Configuration, environment: @escaping @Sendable (String) -> String?,
    client: any CredentialClient
  ) -> [any CredentialSource] {
    if !configuration.accessKey.isEmpty {
      return [
        StaticCredentials(
          value: Credentials(
            accessKey: configuration.accessKey, secretKey: configuration.secretKey,
            sessionToken: configuration.sessionToken))
      ]
    }
    let file = SharedCredentialsFile(environment: environment)
    let identity = WebIdentity(
      environment: environment, endpoint: configuration.stsEndpoint, region: configuration.region,
      client: client)
    // The order of Amazon's own libraries prefers the role of a service account to a file.
    let named: [any CredentialSource] =
      configuration.usesSDKOrder ? [identity, file] : [file, identity]
    return [EnvironmentCredentials(environment: environment)] + named + [
      ContainerCredentials(environment: environment, client: client),
      InstanceMetadata(environment: environment, client: client),
    ]
  }
}
