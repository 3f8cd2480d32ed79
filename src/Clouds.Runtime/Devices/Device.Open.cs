using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Native;
using Clouds.Runtime.Sessions;

namespace Clouds.Runtime.Devices;

/// <summary>How a device is opened, and what "auto" means.</summary>
public sealed partial class Device
{
    /// <summary>
    /// Opens a device. "auto" is the first GPU where it works for what it is wanted for, and otherwise the processor, which one sentence explains; on a
    /// machine without a driver that takes an instant.
    /// </summary>
    /// <param name="wanted">Its name.</param>
    /// <param name="settings">What it is wanted for; null: networks, nobody is told.</param>
    /// <exception cref="CloudsException">
    /// <see cref="Failure.Device"/>: the GPU that was named does not work; <see cref="Failure.Usage"/>: nobody brought an emulator.
    /// </exception>
    public static Device Open(DeviceName wanted, DeviceSettings? settings = null)
    {
        settings ??= new DeviceSettings();
        return wanted.Kind switch
        {
            DeviceKind.Auto => OpenAuto(settings),
            DeviceKind.Cpu => settings.Threads == 0 ? Cpu : new Device(DeviceName.Cpu, settings),
            DeviceKind.Cuda => OpenCuda(Mine(wanted, settings), settings),
            DeviceKind.Emulated => OpenEmulated(settings),
            _ => throw new ArgumentOutOfRangeException(nameof(wanted), wanted.Kind, "unknown kind of device"),
        };
    }

    /// <summary>This machine's devices: the processor, and every GPU of the driver; "cuda" also where there is none, to be asked why not.</summary>
    public static IReadOnlyList<DeviceName> Names()
    {
        int gpus = 1;
        try
        {
            gpus = Math.Max(1, CudaContext.Count(CudaDriver.Default));
        }
        catch (CloudsException)
        {
            // Whoever opens the GPU hears the reason.
        }

        return [DeviceName.Cpu, .. Enumerable.Range(0, gpus).Select(DeviceName.Cuda)];
    }

    /// <summary>Runs a small graph on a device; about 50 ms, more where CUDA starts.</summary>
    /// <returns>Why it does not work, in one sentence; null where it does.</returns>
    public static string? WhyNot(DeviceName name)
    {
        try
        {
            using Device device = Open(name);
            SmallGraph.Run(device);
            return null;
        }
        catch (CloudsException failure)
        {
            return Sentence(failure);
        }
    }

    /// <summary>Our operators and kernels on a GPU that the caller keeps, the rest of every graph on the processor.</summary>
    internal static Device KernelsOn(Gpu gpu, CudaSettings? cuda = null) => new(DeviceName.Emulated, new DeviceSettings { Cuda = cuda ?? new() }, gpu);

    /// <summary>A failure in one sentence: ONNX Runtime's own words where it has some, and the call or file where that is not said already.</summary>
    internal static string Sentence(CloudsException failure) => failure.InnerException is Exception inner ? OrtMessage.Plain(inner.Message)
        : failure.Where is null || failure.What.Contains(failure.Where, StringComparison.Ordinal) ? failure.What : $"{failure.What} ({failure.Where})";

    private static Device OpenAuto(DeviceSettings settings)
    {
        try
        {
            return OpenWorking(settings);
        }
        catch (CloudsException failure) when (failure.Failure == Failure.Device)
        {
            Device processor = new(DeviceName.Cpu, settings) { WhyNotCuda = Sentence(failure) };
            if (settings.Use == DeviceUse.Kernels ? CudaDriver.LibraryIsThere : SessionFactory.HasCuda)
            {
                // Where nothing of CUDA is, nobody misses it.
                processor.Tell($"CUDA is not used: {processor.WhyNotCuda}");
            }

            return processor;
        }
    }

    // Processes that share a host's GPUs take one each; a GPU that was named by its number is that one.
    private static DeviceName Mine(DeviceName wanted, DeviceSettings settings) => wanted.Ordinal > 0 || settings.LocalRank == 0
        ? wanted
        : DeviceName.Cuda(settings.LocalRank % Math.Max(1, CudaContext.Count(CudaDriver.Default)));

    // That a provider was built in and a driver answers says little: only a graph that ran shows that the provider's libraries are there and fit.
    private static Device OpenWorking(DeviceSettings settings)
    {
        if (settings.Use != DeviceUse.Kernels)
        {
            SessionFactory.RequireCuda();
        }

        Device device = OpenCuda(Mine(DeviceName.Cuda(), settings), settings);
        return device.Or(() =>
        {
            if (settings.Use == DeviceUse.Kernels)
            {
                (settings.Compiler ?? KernelCompiler.Default).Require();
            }
            else
            {
                SmallGraph.Run(device);
            }
        });
    }

    private static Device OpenCuda(DeviceName name, DeviceSettings settings)
    {
        if (settings.Use == DeviceUse.Networks)
        {
            SessionFactory.RequireCuda();
        }

        Device device = settings is { Driver: null, Compiler: null, Rewrite: null }
            ? new Device(name, settings, Gpu.Shared(name.Ordinal))
            : OpenOver(settings.Driver?.Invoke(), name, settings);
        return device.Or(() => device.Prepare(settings.Use == DeviceUse.NetworksOnKernels));
    }

    private static Device OpenEmulated(DeviceSettings settings)
    {
        IDriverTable table = settings.Emulator?.Invoke()
            ?? throw new CloudsException(Failure.Usage, "there is no emulated device here", null, "emulated", DeviceName.Choices, "choose one of these");
        Device device = OpenOver(table, DeviceName.Emulated, settings);
        return device.Or(() => device.Prepare(settings.Use != DeviceUse.Kernels));
    }

    private static Device OpenOver(IDriverTable? table, DeviceName name, DeviceSettings settings)
    {
        try
        {
            CudaDriver driver = table is null ? CudaDriver.Default : CudaDriver.Over(table.EntryPoint, table.Name);
            Gpu gpu = Gpu.Open(driver, name.Ordinal, settings.Compiler, settings.Rewrite);
            return new Device(name, settings, gpu, table is null ? [gpu] : [gpu, table]);
        }
        catch
        {
            table?.Dispose();
            throw;
        }
    }

    // A kernel that cannot be made should be one failure now, not one in each graph.
    private void Prepare(bool needed)
    {
        if (needed)
        {
            CloudsOps.Prepare(Gpu!);
        }
    }

    private Device Or(Action check)
    {
        try
        {
            check();
            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
