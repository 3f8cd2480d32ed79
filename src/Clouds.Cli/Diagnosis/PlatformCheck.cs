using System.Runtime.InteropServices;

namespace Clouds.Cli.Diagnosis;

/// <summary>Operating system and .NET.</summary>
internal sealed class PlatformCheck : IMachineCheck
{
    public IEnumerable<Finding> Examine()
    {
        bool linux = OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64;
        yield return new Finding(
            "system",
            linux ? FindingState.Good : FindingState.Missing,
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}",
            linux ? null : "Clouds.Native is built and tested for linux-x64");
        yield return new Finding(".NET", FindingState.Good, RuntimeInformation.FrameworkDescription);
    }
}
