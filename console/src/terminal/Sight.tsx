/** How a terminal is looked at: the size of its letters, and with the whole window. */
import { AArrowDown, AArrowUp, Maximize, Minimize } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../i18n';
import { IconButton } from '../ui/Button';
import { zoomed } from './fit';

export interface Sight {
  /** In pixels; as large as fits when absent. */
  font: number | undefined;
  big: boolean;
  /** What is drawn, told by the view. */
  drawn: (font: number) => void;
  zoom: (by: 1 | -1) => void;
  setBig: (big: boolean) => void;
}

/** The window itself is asked for too, where there is such a thing; the page does without. */
export function useSight(): Sight {
  const [font, setFont] = useState<number>();
  const [big, setBig] = useState(false);
  const shown = useRef(0);
  useEffect(() => {
    if (!big) return;
    document.documentElement.requestFullscreen?.().catch(() => undefined);
    const left = () => document.fullscreenElement === null && setBig(false);
    const key = (e: KeyboardEvent) => e.key === 'Escape' && !e.defaultPrevented && setBig(false);
    document.addEventListener('fullscreenchange', left);
    document.addEventListener('keydown', key);
    return () => {
      document.removeEventListener('fullscreenchange', left);
      document.removeEventListener('keydown', key);
      if (document.fullscreenElement) document.exitFullscreen().catch(() => undefined);
    };
  }, [big]);
  return {
    font,
    big,
    drawn: px => {
      shown.current = px;
    },
    zoom: by => setFont(zoomed(font ?? shown.current, by)),
    setBig: next => {
      setFont(undefined);
      setBig(next);
    },
  };
}

export function SightButtons({ sight }: { sight: Sight }) {
  const { t } = useWords();
  return (
    <>
      <IconButton label={t('sight-smaller')} onClick={() => sight.zoom(-1)}>
        <AArrowDown />
      </IconButton>
      <IconButton label={t('sight-larger')} onClick={() => sight.zoom(1)}>
        <AArrowUp />
      </IconButton>
      <IconButton
        label={t(sight.big ? 'sight-small' : 'sight-big')}
        onClick={() => sight.setBig(!sight.big)}
      >
        {sight.big ? <Minimize /> : <Maximize />}
      </IconButton>
    </>
  );
}
