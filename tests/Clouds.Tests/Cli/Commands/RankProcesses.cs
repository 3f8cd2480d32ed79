using System.Diagnostics;
using Clouds.Tests.Runtime.Distributed;
using Clouds.Training.Engine;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds` on several ranks, while it runs.</summary>
internal sealed class RankProcesses : IDisposable
{
    private const int Longest = 120_000;
    private readonly Process _mpirun;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    public RankProcesses(int ranks, string[] arguments, params string[] options)
    {
        ProcessStartInfo start = Mpirun.Command(ranks, [.. options, Path.Combine(AppContext.BaseDirectory, "clouds"), .. arguments]);
        _mpirun = Process.Start(start)!;
        (_output, _error) = (_mpirun.StandardOutput.ReadToEndAsync(), _mpirun.StandardError.ReadToEndAsync());
    }

    /// <summary>Steps that a run has recorded so far.</summary>
    public static IReadOnlyList<HistoryLine> History(string folder)
    {
        try
        {
            return File.Exists(new RunFolder(folder).History) ? TrainingHistory.Read(new RunFolder(folder).History) : [];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Waits until something is so, or the run is over.</summary>
    public void WaitFor(Func<bool> condition)
    {
        while (!_mpirun.HasExited && !condition())
        {
            Thread.Sleep(2);
        }
    }

    /// <summary>Sends a rank a signal.</summary>
    public void Send(string signal, int rank)
    {
        int process = Ranks().Single(process => RankOf(process) == rank);
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    public CommandLineRun End()
    {
        Assert.True(_mpirun.WaitForExit(Longest), "the ranks do not end");
        return new CommandLineRun(_mpirun.ExitCode, _output.Result, _error.Result);
    }

    public void Dispose()
    {
        if (!_mpirun.HasExited)
        {
            _mpirun.Kill(entireProcessTree: true);
        }

        _mpirun.Dispose();
    }

    private IEnumerable<int> Ranks() => from folder in Directory.GetDirectories("/proc")
                                        where int.TryParse(Path.GetFileName(folder), out _) && ParentOf(folder) == _mpirun.Id
                                        select int.Parse(Path.GetFileName(folder));

    private static int ParentOf(string folder) => Read($"{folder}/stat") is { Length: > 0 } stat
        ? int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1])
        : 0;

    private static int RankOf(int process) => Read($"/proc/{process}/environ").Split('\0')
        .Where(variable => variable.StartsWith("OMPI_COMM_WORLD_RANK=", StringComparison.Ordinal))
        .Select(variable => int.Parse(variable.Split('=')[1])).DefaultIfEmpty(-1).First();

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
