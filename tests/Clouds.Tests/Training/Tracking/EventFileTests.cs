using Clouds.Native.Images;
using Clouds.Training.Tracking;

namespace Clouds.Tests.Training.Tracking;

[Kind(TestKind.Fast)]
public sealed class EventFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["events.out.tfevents.clouds"];

    public void Dispose() => _folder.Dispose();

    // The first is the check value of the published table of checksums, masked by hand: e3069283 turned right by 15 bits, plus a282ead8.
    [Theory]
    [InlineData("123456789", 0xc78ab0e5)]
    [InlineData("", 0xa282ead8)]
    public void Checksum_PublishedValues_AreMet(string text, uint masked)
    {
        Assert.Equal(masked, EventReader.Masked(System.Text.Encoding.ASCII.GetBytes(text)));
        Assert.Equal(masked, EventRecord.Checksum(System.Text.Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void Checksum_AnyLength_IsThatOfBitsOneByOne()
    {
        byte[] bytes = [.. Enumerable.Range(0, 41).Select(i => (byte)((i * 37) ^ 0xa5))];
        Assert.All(Enumerable.Range(0, 41), length => Assert.Equal(EventReader.Masked(bytes.AsSpan(0, length)), EventRecord.Checksum(bytes.AsSpan(0, length))));
    }

    [Fact]
    public void Add_NumbersAndAPicture_AreReadBackAsTheyWere()
    {
        byte[] png = ImageFile.EncodePng(Pictures.Noise(21, 13));
        DateTimeOffset before = DateTimeOffset.UtcNow.AddSeconds(-1);
        using (EventFile file = EventFile.Open(Path))
        {
            file.Add(1, Numbers(("train/loss", 2.5), ("train/städte", 0.25)));
            file.Add(1_000_000, Numbers(("train/loss", double.NaN)));
            file.AddImage(1_000_000, "validation/one", 21, 13, png);
        }

        IReadOnlyList<ReadEvent> events = EventReader.Read(Path);
        Assert.Equal("brain.Event:2", events[0].Version);
        Assert.Equal([0, 1, 1_000_000, 1_000_000], events.Select(one => one.Step));
        Assert.Equal((2.5f, 0.25f), (events[1].Numbers["train/loss"], events[1].Numbers["train/städte"]));
        Assert.True(float.IsNaN(events[2].Numbers["train/loss"]));
        (long width, long height, long channels, byte[] read) = events[3].Images["validation/one"];
        Assert.Equal((21, 13, 3), (width, height, channels));
        Assert.Equal(png, read);
        Assert.All(events, one => Assert.InRange(DateTimeOffset.UnixEpoch.AddSeconds(one.Seconds), before, DateTimeOffset.UtcNow.AddSeconds(1)));
    }

    [Fact]
    public void Open_Again_GoesOnBehindTheStepsThatAreDone()
    {
        Write(1, 2, 3, 300, 301);
        using (EventFile file = EventFile.Open(Path, ("train", 300), ("validation", 300)))
        {
            Assert.Equal(300, file.Last("train"));
            file.Add(301, Numbers(("train/loss", 7)));
        }

        Assert.Equal([0, 1, 2, 3, 300, 301], EventReader.Read(Path).Select(one => one.Step));
        Assert.Equal(7, EventReader.Read(Path)[^1].Numbers["train/loss"]);
    }

    // Every place at which a process can be killed while it writes its last event.
    [Fact]
    public void Open_HalfAnEventAtTheEnd_IsCutOffWhereverItEnds()
    {
        Write(1, 2);
        byte[] whole = File.ReadAllBytes(Path);
        Write(1, 2, 3);
        byte[] longer = File.ReadAllBytes(Path);
        for (int length = whole.Length; length < longer.Length; length++)
        {
            File.WriteAllBytes(Path, longer[..length]);
            using (EventFile file = EventFile.Open(Path, ("train", 9), ("validation", 9)))
            {
                Assert.Equal(2, file.Last("train"));
            }

            Assert.Equal(whole.Length, new FileInfo(Path).Length);
        }
    }

    [Fact]
    public void Open_DamageInTheMiddle_KeepsWhatStandsBeforeIt()
    {
        Write(1, 2);
        long good = new FileInfo(Path).Length;
        Write(1, 2, 3, 4);
        byte[] bytes = File.ReadAllBytes(Path);
        bytes[good + 20] ^= 1;
        File.WriteAllBytes(Path, bytes);
        EventFile.Open(Path, ("train", 9), ("validation", 9)).Dispose();
        Assert.Equal([0, 1, 2], EventReader.Read(Path).Select(one => one.Step));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no event file at all, but a text of some length")]
    public void Open_SomethingElse_BeginsAnew(string text)
    {
        File.WriteAllText(Path, text);
        EventFile.Open(Path, ("train", 9), ("validation", 9)).Dispose();
        Assert.Equal("brain.Event:2", Assert.Single(EventReader.Read(Path)).Version);
    }

    [Fact]
    public void Open_ForANewRun_KeepsNothing()
    {
        Write(1, 2);
        EventFile.Open(Path).Dispose();
        Assert.Single(EventReader.Read(Path));
    }

    // A run that was killed behind a checkpoint, in the validation of the same step or just after it, is validated there again.
    [Fact]
    public void Open_GroupsThatAreNotEquallyFar_CutsEachBehindItsOwnStep()
    {
        using (EventFile file = EventFile.Open(Path))
        {
            file.Add(2, Numbers(("train/loss", 1)));
            file.Add(2, Numbers(("validation/mIoU", 0.5)));
            file.AddImage(2, "validation/one", 1, 1, [1]);
            file.Add(4, Numbers(("train/loss", 2)));
            file.Add(4, Numbers(("validation/mIoU", 0.75)));
        }

        using (EventFile file = EventFile.Open(Path, ("train", 4), ("validation", 2)))
        {
            Assert.Equal((4, 2, -1), (file.Last("train"), file.Last("validation"), file.Last("other")));
        }

        Assert.Equal([0, 2, 2, 2, 4], EventReader.Read(Path).Select(one => one.Step));
    }

    private static IEnumerable<KeyValuePair<string, double>> Numbers(params (string Name, double Value)[] numbers) =>
        numbers.Select(number => KeyValuePair.Create(number.Name, number.Value));

    private void Write(params long[] steps)
    {
        using EventFile file = EventFile.Open(Path);
        Array.ForEach(steps, step => file.Add(step, Numbers(("train/loss", step), ("train/seconds", 0.5))));
    }
}
