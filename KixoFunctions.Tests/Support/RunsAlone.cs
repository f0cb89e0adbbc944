namespace Kixo.Tests.Support;

/// <summary>A collection of tests that measure what the machine or the process does, one after the other and beside no others.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;
