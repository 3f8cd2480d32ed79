using System.Runtime.InteropServices;

namespace Clouds.Emulator.Driver;

/// <summary>
/// What the stand-in library offers beside the driver's entry points, to whoever has it in the process: the counters, and settings that the
/// environment gives only once. The stand-ins for the other CUDA libraries are C and count here what they are asked for.
/// </summary>
public static unsafe partial class EmulatedDriver
{
    private enum Counted
    {
        RuntimeLaunch,
        LibraryCall,
        TensorFloat,
    }

    [UnmanagedCallersOnly(EntryPoint = "standin_counters")]
    private static int StandInCounters(DriverCounters* counters) => OnStandIn(driver => *counters = driver.Counters);

    [UnmanagedCallersOnly(EntryPoint = "standin_reset")]
    private static int StandInReset() => OnStandIn(driver => driver.ResetCounters());

    [UnmanagedCallersOnly(EntryPoint = "standin_count")]
    private static int StandInCount(int what) => OnStandIn(driver =>
    {
        switch ((Counted)what)
        {
            case Counted.RuntimeLaunch: driver.Traffic.RuntimeLaunches++; break;
            case Counted.LibraryCall: driver.Traffic.LibraryCalls++; break;
            case Counted.TensorFloat: driver.Traffic.TensorFloat++; break;
            default: throw new FormatException($"nothing of number {what} is counted");
        }
    });

    /// <summary>As <see cref="DriverEnvironment.Fail"/>, in the place of all failures asked for before.</summary>
    [UnmanagedCallersOnly(EntryPoint = "standin_fail")]
    private static int StandInFail(byte* calls) => OnStandIn(driver =>
    {
        driver.ForgetFailures();
        DriverEnvironment.AddFailures(driver, Text(calls));
    });

    /// <summary>As <see cref="DriverEnvironment.CountOnly"/>, from now on.</summary>
    [UnmanagedCallersOnly(EntryPoint = "standin_count_only")]
    private static int StandInCountOnly(int only) => OnStandIn(driver =>
    {
        foreach (EmulatedDevice device in driver.Devices)
        {
            device.Settings = device.Settings with { CountOnly = only != 0 };
        }
    });

    private static int OnStandIn(Action<DriverState> action) => CallStandIn(driver =>
    {
        try
        {
            lock (driver.Gate)
            {
                action(driver);
                return Success;
            }
        }
        catch (FormatException wrong)
        {
            Console.Error.WriteLine($"emulator: {wrong.Message}");
            return InvalidValue;
        }
    });
}
