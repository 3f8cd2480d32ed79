using System.Runtime.InteropServices;
using Clouds.Diagnostics;

namespace Clouds.Cli.Console;

/// <summary>
/// Ctrl-C, SIGTERM and a terminal that closes (SIGHUP): the first asks the work to finish its step and save, the second ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly TextWriter _error;
    private readonly bool _json;
    private readonly Action<int> _exit;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    /// <param name="error">Where the first signal is acknowledged.</param>
    /// <param name="exit">Ends the process; tests hand in their own.</param>
    /// <param name="json">It is acknowledged by a JSON line.</param>
    public Interruption(TextWriter error, Action<int> exit, bool json = false) => (_error, _exit, _json) = (error, exit, json);

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>What is done between the first signal and the end, in a few words.</summary>
    public string Ending { get; set; } = "finishing the present step and saving";

    /// <summary>Listens to the signals of this process.</summary>
    public static Interruption Listen(TextWriter error, bool json)
    {
        Interruption interruption = new(error, Environment.Exit, json);
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            interruption._registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                interruption.OnSignal();
            }));
        }

        return interruption;
    }

    /// <summary>What a signal does.</summary>
    public void OnSignal()
    {
        if (Interlocked.Increment(ref _signals) > 1)
        {
            _exit((int)Failure.Interrupted);
            return;
        }

        string message = $"{Ending}; press Ctrl-C again to stop at once";
        _source.Cancel();
        try
        {
            _error.WriteLine(_json ? JsonText.Line(new { type = "warning", message }) : $"clouds: {message}");
        }
        catch (IOException)
        {
            // The terminal may be what is gone.
        }
    }

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _source.Dispose();
    }
}
