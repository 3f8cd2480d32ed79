using System.Globalization;
using Clouds.Runtime.Devices;

namespace Clouds.Cli.Diagnosis;

/// <summary>Memory, and disk space where results would be written.</summary>
internal sealed class CapacityCheck(string folder) : IMachineCheck
{
    private const double Giga = 1 << 30;

    // segment on a 2048 x 1024 image with the full-size encoder is held to this much.
    private const double WantedMemory = 6;

    // Room for a checkpoint of the full-size model with optimiser state beside the one that it replaces.
    private const double WantedDisk = 4;

    public IEnumerable<Finding> Examine()
    {
        double memory = Device.Cpu.Memory.Total / Giga;
        yield return Compare("memory", memory, WantedMemory, "usable by this process", "use a small configuration, or a machine with 6 GiB or more");
        double disk = new DriveInfo(folder).AvailableFreeSpace / Giga;
        yield return Compare("disk", disk, WantedDisk, $"free at {folder}", "checkpoints of the full-size model need more: free space or write elsewhere");
    }

    private static Finding Compare(string subject, double have, double want, string what, string next)
    {
        string value = string.Create(CultureInfo.InvariantCulture, $"{have:0.0} GiB {what}");
        return have < want ? new Finding(subject, FindingState.Warning, value, next) : new Finding(subject, FindingState.Good, value);
    }
}
