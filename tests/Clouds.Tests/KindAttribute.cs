using Xunit.v3;

namespace Clouds.Tests;

/// <summary>What a test class needs of the machine; also the value of the trait "Kind", by which `./build.sh test --kind` picks.</summary>
public enum TestKind
{
    /// <summary>Nothing but the processor.</summary>
    Fast,

    /// <summary>The emulator for the CUDA kernels, and mostly NVRTC.</summary>
    Emulated,

    /// <summary>The executable as published, in a process of its own.</summary>
    Published,

    /// <summary>An NVIDIA GPU.</summary>
    Gpu,
}

/// <summary>Every test class carries exactly one.</summary>
/// <param name="kind">What its tests need.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class KindAttribute(TestKind kind) : Attribute, ITraitAttribute
{
    /// <summary>What its tests need.</summary>
    public TestKind Kind => kind;

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new(nameof(Kind), kind.ToString().ToLowerInvariant())];
}
