/** Finds one of many by typing: people, groups, accounts. */
import { type UseQueryOptions, useQuery } from '@tanstack/react-query';
import { ChevronsUpDown } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import {
  Button,
  ComboBox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
} from 'react-aria-components';
import { useWords } from '../i18n';
import { Aria } from './Aria';
import css from './Picker.module.css';

export interface Option {
  id: string;
  label: string;
  hint?: string | undefined;
}

export function Picker({
  label,
  value,
  onChange,
  find,
  error,
  placeholder,
  required,
}: {
  label: string;
  value: string;
  onChange: (id: string) => void;
  find: (text: string) => UseQueryOptions<Option[], Error, Option[], readonly unknown[]>;
  error?: string | undefined;
  placeholder?: string;
  required?: boolean;
}) {
  const { t } = useWords();
  const [text, setText] = useState(value);
  const wanted = useDeferredValue(text);
  const found = useQuery({ ...find(wanted), placeholderData: old => old });
  const options = found.data ?? [];
  return (
    <Aria>
      <ComboBox
        className={css.picker}
        items={options}
        inputValue={text}
        onInputChange={next => {
          setText(next);
          if (next !== value) onChange(next);
        }}
        onSelectionChange={key => {
          if (key === null) return;
          setText(String(key));
          onChange(String(key));
        }}
        allowsCustomValue
        allowsEmptyCollection
        menuTrigger="focus"
        {...(error !== undefined && { isInvalid: true })}
        isRequired={required ?? false}
      >
        <Label className={css.label}>{label}</Label>
        <div className={css.box}>
          <Input className={css.input} placeholder={placeholder ?? ''} />
          <Button className={css.button} aria-label={t('choose')}>
            <ChevronsUpDown aria-hidden="true" />
          </Button>
        </div>
        <FieldError className={css.error}>{error ?? t('field-missing')}</FieldError>
        <Popover className={css.popover}>
          <ListBox<Option>
            className={css.list}
            renderEmptyState={() => (
              <p className={css.none}>{found.isFetching ? t('loading') : t('picker-none')}</p>
            )}
          >
            {option => (
              <ListBoxItem id={option.id} textValue={option.id} className={css.item}>
                <span>{option.label}</span>
                {option.hint && <span className={css.hint}>{option.hint}</span>}
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      </ComboBox>
    </Aria>
  );
}
