namespace Kixo.Local;

/// <summary>What the command line asks for.</summary>
/// <param name="Port">Where the app listens on 127.0.0.1; further instances on the ports behind it.</param>
/// <param name="DataFolder">Where everything is kept.</param>
/// <param name="Reset">Begin with an empty data folder.</param>
/// <param name="Instances">How many of the app; 0 to start it otherwise, such as with <c>func start</c>.</param>
internal sealed record LocalOptions(int Port, string DataFolder, bool Reset, int Instances)
{
    public const int MostInstances = 32;

    public IEnumerable<int> AppPorts => Enumerable.Range(Port, Instances);
}
