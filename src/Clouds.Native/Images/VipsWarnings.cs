using System.Diagnostics;
using System.Text;
using NetVips;

namespace Clouds.Native.Images;

/// <summary>
/// What libvips warns of on this thread until it is disposed. libvips logs through GLib, which would write to standard error; one handler
/// takes that place. Images are decoded on the thread that asks for them, so that a warning finds the file it belongs to.
/// </summary>
internal sealed class VipsWarnings : IDisposable
{
    [ThreadStatic]
    private static VipsWarnings? _current;

    private readonly StringBuilder _text = new();

    /// <summary>Begins to listen; one at a time on a thread.</summary>
    public VipsWarnings() => _current = this;

    /// <summary>Takes GLib's log over for the whole process.</summary>
    public static void Install()
    {
        Enums.LogLevelFlags levels = Enums.LogLevelFlags.Critical | Enums.LogLevelFlags.Warning | Enums.LogLevelFlags.Message;
        foreach (string domain in (string[])["VIPS", "GLib", "GLib-GObject"])
        {
            Log.SetLogHandler(domain, levels, Hear);
        }
    }

    /// <summary>Hands on what was heard, each line once, in one sentence behind the file's name.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="warn">Is told; null: nobody.</param>
    public void Tell(string name, Action<string>? warn)
    {
        if (_text.Length > 0)
        {
            warn?.Invoke($"{name}: read, but libvips warns: {Vips.OneLine(_text.ToString())}");
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _current = null;

    // Encoders work on threads of libvips; nothing of theirs was ever heard, and a trace listener still hears it.
    private static void Hear(string domain, Enums.LogLevelFlags level, string message)
    {
        if (_current is VipsWarnings listener)
        {
            listener._text.Append(message).Append('\n');
        }
        else
        {
            Trace.TraceWarning($"{domain}: {message}");
        }
    }
}
