using Clouds.Cli.Demo;
using Clouds.Cli.Diagnosis;
using Clouds.Verification.Golden;
using Clouds.Verification.Kernels;

namespace Clouds.Cli.Commands;

/// <summary>Every verb, in the order of the overview.</summary>
internal static class VerbList
{
    public static IReadOnlyList<Verb> All { get; } =
    [
        new DemoVerb(new DemoPlan()),
        new TrainVerb(),
        new EvaluateVerb(),
        new SegmentVerb(),
        new DataCheckVerb(),
        new DataShowVerb(),
        new VerifyVerb(GoldenModules.All),
        new DoctorVerb(MachineChecks.All),
        new ConfigShowVerb(),
        new KernelsVerifyVerb(KernelToolchain.Default),
        new BenchKernelsVerb(KernelToolchain.Default),
        new BenchCompareVerb(),
        new VersionVerb(),
    ];
}
