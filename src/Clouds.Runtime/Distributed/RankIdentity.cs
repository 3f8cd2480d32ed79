using System.Globalization;
using System.Text;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Distributed;

/// <summary>What a rank tells the others of itself at the beginning.</summary>
/// <param name="Host">Name of its host.</param>
/// <param name="Process">Its number there.</param>
/// <param name="Started">When that process was started, in the host's ticks; 0: not known.</param>
/// <param name="Version">Version of the program.</param>
internal sealed record RankIdentity(string Host, int Process, long Started, string Version)
{
    /// <summary>Length of <see cref="Packed"/>.</summary>
    public const int Bytes = 512;

    private const int LongestHost = 300;

    /// <summary>This process.</summary>
    public static RankIdentity Here
    {
        get
        {
            string version = typeof(RankIdentity).Assembly.GetName().Version?.ToString() ?? "";
            string host = Environment.MachineName;
            return new(host[..Math.Min(host.Length, LongestHost)], Environment.ProcessId, Life(Environment.ProcessId)?.Started ?? 0, version);
        }
    }

    public byte[] Packed()
    {
        byte[] packed = new byte[Bytes];
        Encoding.UTF8.GetBytes(string.Join('\n', Host, Process.ToString(CultureInfo.InvariantCulture), Started.ToString(CultureInfo.InvariantCulture), Version))
            .CopyTo(packed, 0);
        return packed;
    }

    public static RankIdentity Of(byte[] packed)
    {
        string[] parts = Encoding.UTF8.GetString(packed).TrimEnd('\0').Split('\n');
        return new(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), long.Parse(parts[2], CultureInfo.InvariantCulture), parts[3]);
    }

    /// <summary>Refuses ranks of another version: they would train another network, or sum other numbers.</summary>
    public void Require(RankIdentity first, int rank)
    {
        if (Version != first.Version)
        {
            throw new CloudsException(Failure.Usage, "ranks have different versions of the program", $"rank {rank} on {Host}", Version, first.Version,
                "install one version on all hosts");
        }
    }

    /// <summary>Whether the process can be looked at from here, and is the one that introduced itself.</summary>
    public bool IsVisible(RankIdentity here) => Host == here.Host && Started > 0 && Life(Process)?.Started == Started;

    /// <summary>Only for visible ones: whether it runs no more.</summary>
    public bool IsGone() => Life(Process) is not (char state, long started) || started != Started || state is 'Z' or 'X';

    /// <summary>Only for visible ones: whether a signal has stopped it.</summary>
    public bool IsStopped() => Life(Process)?.State is 'T' or 't';

    public override string ToString() => $"host {Host}, process {Process}";

    // "number (name) state ...": the name may have blanks and brackets; the time of the start is the 20th word behind the state.
    private static (char State, long Started)? Life(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            string[] words = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (words[0][0], long.Parse(words[19], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
