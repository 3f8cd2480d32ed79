namespace Clouds.Tests.Runtime.Sessions;

/// <summary>A thread that never rests until it is disposed: beside it, the threads of a session meet in other orders than on an idle machine.</summary>
internal sealed class BusyProcessor : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _stop;

    public BusyProcessor()
    {
        _thread = new Thread(Spin) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
    }

    private void Spin()
    {
        while (!_stop)
        {
            Thread.SpinWait(1000);
        }
    }
}
