namespace Clouds.Runtime.Distributed;

/// <summary>Waits for work of this rank that comes to an end only together with the others', by another library's messages.</summary>
/// <param name="what">What it is for.</param>
/// <param name="work">The work, begun.</param>
internal sealed class Awaited(string what, Task work) : Collective(what)
{
    public override bool NeedsAllToTheEnd => true;

    public override void Begin(MpiWorld world, long number)
    {
    }

    public override bool Advance(MpiWorld world)
    {
        if (work.IsCompleted)
        {
            work.GetAwaiter().GetResult();
        }

        return work.IsCompleted;
    }
}
