namespace Kixo.Local;

/// <summary>What the command line asks for.</summary>
/// <param name="Port">Where the app listens on 127.0.0.1.</param>
/// <param name="DataFolder">Where everything is kept.</param>
/// <param name="Reset">Begin with an empty data folder.</param>
/// <param name="WithApp">False to start the app otherwise, such as with <c>func start</c>.</param>
internal sealed record LocalOptions(int Port, string DataFolder, bool Reset, bool WithApp);
