using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Clouds.Cli.Diagnosis;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;
using Clouds.Runtime.Sessions;

namespace Clouds.Cli.Runs;

/// <summary>What a run's record says of the machine and of the programs.</summary>
internal static class RunMachine
{
    private const double Giga = 1 << 30;

    /// <summary>Machine, system, processor, memory, device, threads; in the order of the record.</summary>
    /// <param name="device">Where the run computes.</param>
    /// <param name="threads">Threads that were asked for; 0: one a processor.</param>
    public static OrderedDictionary<string, string> Environment(Device device, int threads)
    {
        OrderedDictionary<string, string> facts = new() { ["machine"] = System.Environment.MachineName };
        foreach (Finding finding in new PlatformCheck().Examine().Concat(new ProcessorCheck().Examine()).Where(finding => finding.Subject != ".NET"))
        {
            facts[finding.Subject] = finding.Value;
        }

        facts["threads"] = (threads == 0 ? System.Environment.ProcessorCount : threads).ToString(CultureInfo.InvariantCulture);
        facts["memory"] = Gibibytes(HostMemory.Now.Total);
        facts["device"] = device.ToString();
        if (device.Gpu is Gpu gpu && device.TensorGpu is not null)
        {
            facts["GPU"] = $"{gpu.Context.Name}, sm_{gpu.Context.Architecture}, {Gibibytes(gpu.Context.Memory.Total)}";
            facts["driver"] = $"CUDA {CudaDriver.VersionText(CudaDriver.Default.Version)}";
        }

        return facts;
    }

    /// <summary>The program with its commit, ONNX Runtime, .NET.</summary>
    public static OrderedDictionary<string, string> Versions() => new()
    {
        ["clouds"] = Program,
        ["ONNX Runtime"] = RuntimeFacts.Collect().OnnxRuntimeVersion,
        [".NET"] = RuntimeInformation.FrameworkDescription,
    };

    /// <summary>Version of the program, with its commit where it was built from one.</summary>
    public static string Program { get; } =
        typeof(RunMachine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static string Gibibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / Giga:0.0} GiB");
}
