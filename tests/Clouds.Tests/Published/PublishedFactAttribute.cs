using System.Runtime.CompilerServices;

namespace Clouds.Tests.Published;

/// <summary>What a test of the published executable needs beside the executable.</summary>
[Flags]
public enum PublishedNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The library that stands in for the NVIDIA driver.</summary>
    StandIn = 1,

    /// <summary>NVRTC.</summary>
    Compiler = 2,

    /// <summary>A machine without an NVIDIA driver of its own.</summary>
    NoDriver = 4,
}

/// <summary>A test that runs the executable as published; skipped, with the reason, where something it needs is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PublishedFactAttribute : FactAttribute
{
    /// <summary>Looks for what the test needs.</summary>
    /// <param name="needs">Beside the executable.</param>
    public PublishedFactAttribute(
        PublishedNeeds needs = PublishedNeeds.StandIn | PublishedNeeds.Compiler, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = PublishedClouds.WhyNot(needs);
}

/// <summary>The same for tests with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PublishedTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for what the test needs.</summary>
    /// <param name="needs">Beside the executable.</param>
    public PublishedTheoryAttribute(
        PublishedNeeds needs = PublishedNeeds.StandIn | PublishedNeeds.Compiler, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = PublishedClouds.WhyNot(needs);
}
